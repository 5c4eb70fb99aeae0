import { numberOf, postRoute } from "./answer.ts";
import type { JournalQueries } from "./contract.ts";
import { ofWatcher } from "./of-watcher.ts";

/** `/history` and `/texts`: what reconciliations came to. `journal` is undefined where no watcher runs. */
export function journalRoutes(journal: JournalQueries | undefined, pid: number) {
  const present = () => ofWatcher(journal, pid);
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
