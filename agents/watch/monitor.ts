import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { watchReplacedFiles } from "../../lib/base/replaced-files.ts";
import { race } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { GroupObserver } from "./observe-group.ts";
import { logObserved } from "./observed-log.ts";
import { PromptRetry } from "./prompt-retry.ts";
import type { GroupStatus } from "./status.ts";

/** How often files and proxy are looked at, in milliseconds. */
const everyMs = 2000;

/**
 * Looks at the files of a group and at its proxy between changes: every 2 s, whenever a file changes, and when an attempt
 * has failed. Differences become part of the status and are logged. Applies again where that is useful.
 */
export async function monitor(
  status: GroupStatus,
  drift: WatchPlan["drift"],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { group, failures } = status;
  const targets = group.files.map(({ plan }) => plan.target.path);
  const observer = new GroupObserver(group, clock);
  const promptRetry = new PromptRetry(drift, clock);
  await using files = watchReplacedFiles(targets);
  let failuresSeen = failures.version;
  let hasFileChanged = false;
  for (;;) {
    await race<unknown>(
      signal,
      (s) => files.changed(s),
      (s) => failures.newer(failuresSeen, s),
      (s) => clock.sleep(everyMs, s),
    );
    if (files.take().size > 0) hasFileChanged = true;
    failuresSeen = failures.version;
    const { attempt } = status;
    if (attempt.isRunning) continue;
    const wasProxyDown = status.isProxyDown;
    const seen = await observer.look({ wasProxyDown, hasFileChanged }, signal);
    hasFileChanged = false;
    // An attempt that began meanwhile has an outcome of its own.
    if (!seen || status.attempt !== attempt) continue;
    logObserved(group, status.observed(seen.files), log);
    const failed = group.verified ? undefined : attempt.failed;
    if (promptRetry.isDue({ wasProxyDown, failed }, seen)) {
      group.retries.set(group.retries.value + 1);
    }
  }
}
