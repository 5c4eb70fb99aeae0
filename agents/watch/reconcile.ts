import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { Fault } from "../../lib/base/fault.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { delayMs } from "../../lib/base/retry.ts";
import { shortageIn } from "../../lib/base/shortage.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { faults } from "../faults.ts";
import type { Outcome } from "./apply.ts";
import type { TemplateGroup } from "./groups.ts";
import { applyIsolatingBadEntries } from "./isolate.ts";
import { logOverwritten } from "./observed-log.ts";
import type { WatchDeps, WatchState } from "./state.ts";
import type { GroupStatus } from "./status.ts";
import { Triggers } from "./triggers.ts";

/** The parts of the process that a reconciliation uses. */
export type ReconcileDeps = Omit<WatchDeps, "keyspace">;

/** The group to reconcile, by its status. */
export interface Reconciled {
  readonly status: GroupStatus;
  /** Called once the group is verified to be in sync with these services. */
  readonly onVerified: (pools: Pools) => void;
}

/**
 * Keeps the files of a group, and the proxy that reads them, in sync: whenever keys or templates change, when retained
 * instances expire, when a quarantined entry is due for a retry, and with back-off after a fault.
 */
export async function reconcile(
  { status, onVerified }: Reconciled,
  { settle, retry }: Pick<WatchPlan, "settle" | "retry">,
  { snapshot, expired, views }: WatchState,
  { clock, random, log }: ReconcileDeps,
  signal: AbortSignal,
): Promise<void> {
  const { group } = status;
  const { edits, retries } = group;
  const triggers = new Triggers({ snapshot, edits, retries, expired }, settle, clock);
  const reporter = withLiveness(new FaultReports(group.title, log, clock).reporter(), status.loop);
  let failures = 0;
  let retriesSeen = retries.version;
  /** When to reconcile although nothing has changed, in milliseconds from now; undefined if that is not needed. */
  let retryInMs: number | undefined;
  for (;;) {
    await triggers.next(retryInMs, signal);
    const current = snapshot.value;
    if (!current) continue;
    if (retries.version > retriesSeen) group.verified = undefined;
    retriesSeen = retries.version;
    const startMs = clock.now();
    const { outOfSync } = status;
    status.begin();
    const pools = views.of(current);
    const outcome = await attempt(group, pools, { clock, log }, signal);
    status.end({ outcome, retries: retriesSeen, pools });
    if (outcome instanceof Fault) {
      failures += 1;
      retryInMs = delayMs(failures, retry, random);
      reporter.report(outcome, retryInMs, consequenceOf(outcome));
    } else if (outcome.kind === "deferred") {
      status.deferred(outcome.waitMs);
      retryInMs = await waitOutMinInterval(group, outcome.waitMs, clock, signal);
    } else {
      failures = 0;
      retryInMs = nextRetryInMs(group);
      status.verified(current.revision);
      onVerified(pools);
      reporter.resolved();
      if (outcome.kind === "applied") {
        logOverwritten(outOfSync, log);
        status.applied();
      }
      logOutcome(group, outcome, current, clock.now() - startMs, log);
    }
  }
}

/** When to try quarantined entries again, in milliseconds from now; undefined if there are none. */
function nextRetryInMs({ quarantine, unrenderable }: TemplateGroup): number | undefined {
  const due = [quarantine.retryInMs, unrenderable.retryInMs].filter((ms) => ms !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** One reconciliation; a fault is an outcome, and so is a lack of resources, wherever it occurs. */
async function attempt(
  group: TemplateGroup,
  pools: Pools,
  deps: Pick<ReconcileDeps, "clock" | "log">,
  signal: AbortSignal,
): Promise<Outcome | Fault> {
  try {
    return await applyIsolatingBadEntries(group, pools, deps, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof Fault) return error;
    const lack = shortageIn(error);
    if (lack === undefined) throw error;
    return faults.AGENT_RESOURCES_EXHAUSTED({ work: group.title, lack }, error);
  }
}

/**
 * Waits before a deferred reconciliation, unless the next change may be possible without a reload. Returns the remaining
 * time. For a proxy that always reloads, rendering in the meantime would be in vain.
 */
async function waitOutMinInterval(
  { proxy }: TemplateGroup,
  waitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  if (proxy?.canAdjust) return waitMs;
  await clock.sleep(waitMs, signal);
  return 0;
}

/** The state until the fault is resolved; empty if its message contains it. */
function consequenceOf({ code }: Fault): string {
  if (code.startsWith("RENDER_") || code.startsWith("AGENT_")) return "the previous file is kept";
  const hasIt = code.startsWith("INSTALL_") || code === "PROXY_NOT_RUNNING";
  return hasIt ? "" : "the previous file was restored";
}

/** Logs that files are in sync, if anything changed. */
export function logOutcome(
  { title, files, proxy }: TemplateGroup,
  outcome: Outcome,
  { revision }: Snapshot,
  tookMs: number,
  log: Log,
): void {
  if (outcome.kind !== "applied") return;
  const how = proxy ? `${proxy.title} ${outcome.applied}` : "no proxy to reload";
  log.info("applied", `${title} in sync: ${how} (${formatDuration(tookMs)})`, {
    targets: files.map(({ plan }) => plan.target.path),
    changed: outcome.changed,
    applied: outcome.applied,
    revision,
    tookMs: Math.round(tookMs),
  });
}
