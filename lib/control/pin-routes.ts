import { longestPinMs } from "../base/longest-pin.ts";
import { type Body, durationOf, numberOf, postRoute } from "./answer.ts";
import type { FileOperations } from "./contract.ts";
import { faults } from "./faults.ts";
import { ofWatcher } from "./of-watcher.ts";

/** The longest reason, in characters. */
const longestReason = 500;

/** `/pin` and `/unpin`: keeps the texts of a generation. `files` is undefined where no watcher runs. */
export function pinRoutes(files: FileOperations | undefined, pid: number) {
  const present = () => ofWatcher(files, pid);
  return {
    "/pin": postRoute(async (body, signal) => {
      const [n, limitMs, forMs] = [numberOf(body, "n"), durationOf(body, "limitMs"), pinMs(body)];
      return await present().pin({ n, limitMs, forMs, reason: reasonOf(body) }, signal);
    }),
    "/unpin": postRoute(async ({ target }) => {
      return await present().unpin(typeof target === "string" ? { target } : {});
    }),
  };
}

function pinMs(body: Body): number {
  const forMs = durationOf(body, "forMs");
  if (forMs > 0 && forMs <= longestPinMs) return forMs;
  const problem = `expected forMs with 1 to ${longestPinMs} milliseconds`;
  throw faults.CONTROL_REQUEST_INVALID({ problem });
}

function reasonOf({ reason }: Body): string {
  const text = typeof reason === "string" ? reason.trim() : "";
  if (text !== "" && text.length <= longestReason) return text;
  const problem = `expected a reason of 1 to ${longestReason} characters`;
  throw faults.CONTROL_REQUEST_INVALID({ problem });
}
