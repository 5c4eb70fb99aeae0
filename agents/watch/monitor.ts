import { Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { NameWatch } from "../../lib/base/name-watch.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { GroupObserver, stampedMs } from "./observe-group.ts";
import { logObserved } from "./observed-log.ts";
import { PromptRetry } from "./prompt-retry.ts";
import type { GroupStatus } from "./status.ts";
import { targetsOf } from "./targets.ts";

export interface MonitorDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** How often files and proxy are looked at, in milliseconds. */
const everyMs = 2000;

/** Monitors all groups, with one watch for each folder that has files of them. */
export async function monitorAll(
  statuses: readonly GroupStatus[],
  drift: WatchPlan["drift"],
  deps: MonitorDeps,
  signal: AbortSignal,
): Promise<void> {
  const touched = new Map(statuses.map((status) => [status, new Cell<unknown>(undefined)]));
  const targets = Array.from(touched, ([{ group }, cell]) => {
    return [cell, targetsOf(group)] as const;
  });
  const watch = new NameWatch(new Map(targets));
  await runAll(
    signal,
    (s) => watch.run(deps.clock, s),
    ...Array.from(touched, ([status, cell]) => (s: AbortSignal) => {
      return monitor(status, cell, drift, deps, s);
    }),
  );
}

/**
 * Looks at the files of a group and at its proxy between changes: every 2 s, whenever `touched` is set since a file may have
 * changed, and when an attempt has failed. Differences become part of the status and are logged. Applies again where that is
 * useful. Files that are verified, with no proxy to look at, rest for as long as they count as unchanged.
 */
async function monitor(
  status: GroupStatus,
  touched: Cell<unknown>,
  drift: WatchPlan["drift"],
  { clock, log }: MonitorDeps,
  signal: AbortSignal,
): Promise<void> {
  const { group, failures } = status;
  const observer = new GroupObserver(group, clock);
  const promptRetry = new PromptRetry(drift, clock);
  let failuresSeen = failures.version;
  let touchedSeen = touched.version;
  let hasFileChanged = false;
  // During an attempt, nothing is looked at: what its own files report does not end the wait.
  const isDue = () =>
    failures.version > failuresSeen || (touched.version > touchedSeen && !status.attempt.isRunning);
  for (;;) {
    await race(
      signal,
      (s) => untilAny([touched, failures], isDue, s),
      (s) => clock.sleep(restMs(status), s),
    );
    if (touched.version > touchedSeen) hasFileChanged = true;
    touchedSeen = touched.version;
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

function restMs({ group: { verified, proxy }, outOfSync, attempt }: GroupStatus): number {
  const isAtRest = verified && !proxy?.observe && outOfSync.length === 0 && !attempt.isRunning;
  return isAtRest ? stampedMs : everyMs;
}
