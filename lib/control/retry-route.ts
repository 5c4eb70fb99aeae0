import { durationOf, postRoute } from "./answer.ts";
import type { Retry } from "./contract.ts";
import { ofWatcher } from "./of-watcher.ts";

/** `/retry`: applies every file again. `retry` is undefined where no watcher runs. */
export function retryRoute(retry: Retry | undefined, pid: number) {
  return postRoute((body, signal) => {
    const limitMs = durationOf(body, "limitMs");
    return ofWatcher(retry, pid)(limitMs, signal);
  });
}
