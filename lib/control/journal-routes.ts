import { type Body, postRoute } from "./answer.ts";
import type { JournalQueries } from "./contract.ts";
import { faults } from "./faults.ts";

/** `/history` and `/texts`: what reconciliations came to. `journal` is undefined where no watcher runs. */
export function journalRoutes(journal: JournalQueries | undefined, pid: number) {
  const present = () => {
    if (!journal) throw faults.CONTROL_NO_WATCHER({ pid });
    return journal;
  };
  return {
    "/history": postRoute(async (body) => {
      const { target } = body;
      const isText = typeof target === "string";
      return await present().history({
        limit: numberOf(body, "limit"),
        ...(isText && { target }),
      });
    }),
    "/texts": postRoute(async (body) => await present().texts(numberOf(body, "n"))),
  };
}

/** Throws CONTROL_REQUEST_INVALID. */
export function numberOf(body: Body, field: string): number {
  const value = body[field];
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw faults.CONTROL_REQUEST_INVALID({ problem: `expected ${field} with a whole number` });
}
