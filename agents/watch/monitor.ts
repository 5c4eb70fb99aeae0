import type { Clock } from "../../lib/base/clock.ts";
import { watchFiles } from "../../lib/base/file-watch.ts";
import type { Log } from "../../lib/base/log.ts";
import { race } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { GroupObserver } from "./observe-group.ts";
import { logObserved } from "./observed-log.ts";
import type { GroupStatus } from "./status.ts";

/**
 * How often files and proxy are looked at, in milliseconds. Looking takes a thousandth of the time at the most, so that
 * many servers are looked at less often.
 */
const [everyMs, restPerWork] = [2000, 1000];

/** The shortest time between two repairs, in milliseconds: another program may write the same file again and again. */
const repairRestMs = 10_000;

/**
 * Looks at the files of a group and at its proxy between changes: whenever a file changes, and every 2 s. Differences
 * become part of the status and are logged. Applies again when the proxy is back, when a file has changed on which an
 * attempt had failed, and to repair.
 */
export async function monitor(
  status: GroupStatus,
  drift: WatchPlan["drift"],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { group } = status;
  const targets = group.files.map(({ plan }) => plan.target.path);
  const observer = new GroupObserver(group, clock);
  await using files = watchFiles(targets, { ignored: (path) => !targets.includes(path) });
  let waitMs = everyMs;
  let repairedMs = Number.NEGATIVE_INFINITY;
  let { attempt } = status;
  let wasProxyDown = false;
  for (;;) {
    await race<unknown>(
      signal,
      (s) => files.changed(s),
      (s) => clock.sleep(waitMs, s),
    );
    files.take();
    const before = attempt;
    attempt = status.attempt;
    if (attempt.isRunning) continue;
    const seen = await observer.look(signal);
    // A proxy that does not answer takes time, but no work.
    waitMs = seen.isProxyDown ? everyMs : Math.max(everyMs, restPerWork * seen.tookMs);
    // An attempt that began meanwhile has an outcome of its own.
    if (status.attempt !== attempt) continue;
    logObserved(group, status.observed(seen.files), log);
    const isBack = wasProxyDown && !seen.isProxyDown;
    wasProxyDown = seen.isProxyDown;
    const isRetryUseful = !group.verified && before === attempt && seen.isFileReplaced;
    const isOutOfSync = seen.files.some(({ state }) => state === "out of sync");
    const isRepair = drift === "repair" && isOutOfSync && clock.now() - repairedMs >= repairRestMs;
    if (isRepair) repairedMs = clock.now();
    if (isBack || isRetryUseful || isRepair) group.retries.set(group.retries.value + 1);
  }
}
