import { durationOf, postRoute } from "./answer.ts";
import type { Retry } from "./contract.ts";
import { faults } from "./faults.ts";

/** `/retry`: applies every file again. `retry` is undefined where no watcher runs. */
export function retryRoute(retry: Retry | undefined, pid: number) {
  return postRoute((body, signal) => {
    const limitMs = durationOf(body, "limitMs");
    if (!retry) throw faults.CONTROL_NO_WATCHER({ pid });
    return retry(limitMs, signal);
  });
}
