import { existsSync } from "node:fs";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { Fault } from "../../lib/base/fault.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { delayMs } from "../../lib/base/retry.ts";
import { shortageIn } from "../../lib/base/shortage.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { instead } from "../../lib/view/instead.ts";
import { faults } from "../faults.ts";
import { followInMs } from "./ahead.ts";
import type { Outcome } from "./apply.ts";
import { causesOf } from "./causes.ts";
import { debounceOf } from "./debounce.ts";
import type { TemplateGroup } from "./groups.ts";
import { applyIsolatingBadEntries, type IsolateDeps, type Isolated } from "./isolate.ts";
import { logObserved, logOverwritten } from "./observed-log.ts";
import { applyPinned } from "./pin/apply-pinned.ts";
import { GenerationRecorder } from "./record.ts";
import type { WatchDeps, WatchState } from "./state.ts";
import type { GroupStatus } from "./status.ts";
import { Triggers } from "./triggers.ts";
import type { TurnEnd } from "./turns/group-turn.ts";

/** The parts of the process that a reconciliation uses. */
export interface ReconcileDeps extends Omit<WatchDeps, "mounts" | "resolver"> {
  readonly journal: Pick<Journal, "append">;
}

/** The group to reconcile, by its status. */
export interface Reconciled {
  readonly status: GroupStatus;
  /** Whether the entries that the group needs are known in this snapshot. */
  readonly isReady: (snapshot: Snapshot) => boolean;
  /** Called once the group is verified to be in sync with these services. */
  readonly onVerified: (pools: Pools) => void;
  /** Called with the services that the proxy was verified to send requests to; its files need not have them yet. */
  readonly onServed: (pools: Pools) => void;
  /** Whether an agent waits for that, which drains an instance. */
  readonly isAwaited: (pools: Pools) => boolean;
  /** Called before pinned texts are applied: takes back what they may not do. */
  readonly withhold: (pools: Pools) => void;
}

type ReconcileRules = Pick<WatchPlan, "settle" | "promptSettle" | "retry" | "refreshMs">;

/**
 * Keeps the files of a group, and the proxy that reads them, in sync: whenever keys or templates change, when retained
 * instances expire, when host names are resolved, when a quarantined entry or a refresh is due, and with back-off after a fault.
 */
export async function reconcile(
  { status, isReady, onVerified, onServed, isAwaited, withhold }: Reconciled,
  { retry, refreshMs, ...rules }: ReconcileRules,
  { snapshot, views, nameView, policies }: WatchState,
  { clock, random, log, journal, arrivals }: ReconcileDeps,
  signal: AbortSignal,
): Promise<void> {
  const { group, changes } = status;
  const [names, shaping] = [nameView.of(group), policies.of(group)];
  const { edits, retries: asked, pin, turn } = group;
  const cells = { changes, edits, retries: asked, pin, turn: turn?.changes };
  const triggers = new Triggers(cells, debounceOf(group, rules), clock);
  const reporter = withLiveness(new FaultReports(group.title, log, clock).reporter(), status.loop);
  const recorder = new GenerationRecorder(status, journal, { clock, arrivals });
  let failures = 0;
  /** When to reconcile although nothing has changed, in milliseconds from now; undefined if that is not needed. */
  let retryInMs: number | undefined;
  for (;;) {
    const trigger = await triggers.next(retryInMs, signal);
    const { isRetryAsked, retries } = trigger;
    const current = ready(snapshot.value, isReady);
    if (!current) continue;
    begin(group, isRetryAsked);
    const startMs = clock.now();
    const { version } = changes.count;
    const isBusy = () => changes.count.version !== version;
    const onAttempt = () => status.begin();
    onAttempt();
    const pools = views.of(current);
    const trace = recorder.begin(trigger, current);
    const { pools: resolved, missing } = await names.resolve(pools, signal);
    const { pools: usable, isStep } = shaping.apply(resolved, trigger.reasons);
    const deps = { clock, log, isBusy, onAttempt, isUrgent: isAwaited(pools), isStep, trace };
    pin.observe(usable);
    withhold(usable);
    const isolated = await attempt(group, usable, deps, signal);
    const outcome = outcomeOf(isolated);
    shaping.settle(outcome, isStep);
    const tookMs = clock.now() - startMs;
    const record = () => recorder.end(trace, outcome, signal);
    const failedBy = outcome instanceof Fault ? await record() : undefined;
    const causes = await causesOf(outcome, group);
    status.end({ outcome, retries, pools: usable, causes });
    if (pin.settle(outcome)) {
      retryInMs = 0;
    } else if (isolated instanceof Fault) {
      failures += 1;
      retryInMs = group.search ? 0 : delayMs(failures, retry, random);
      reporter.report(isolated, retryInMs, consequenceOf(isolated, group), failedBy);
      logObserved(group, status.failed(isolated), log);
    } else if (isolated.outcome.kind === "deferred") {
      await record();
      const served = () => onVerified(usable);
      retryInMs = await putOff(status, isolated.outcome, served, clock, signal);
    } else {
      failures = 0;
      retryInMs = nextRetryInMs(group, refreshMs, clock);
      // No request goes to instances without an address, either.
      const served = instead(isolated.served, pools, missing);
      const revision = pin.revisionIn(current);
      const reconciled = { pools: resolved, revision };
      // First, since the entry of an acknowledgement has the state of the files with it.
      reporter.resolved();
      confirm({ status, onVerified, onServed }, { ...isolated, served }, reconciled, log);
      // Finding the cause takes time, for which no agent has to wait.
      const cause = await record();
      logOutcome(group, isolated.outcome, { revision, tookMs, cause }, log);
    }
    turn?.end(turnAfter(group, isolated));
  }
}

/** What a reconciliation does next about its turn to reload. */
function turnAfter({ search }: TemplateGroup, isolated: Isolated | Fault): TurnEnd {
  if (search) return "goes on";
  if (isolated instanceof Fault) return "failed";
  const { outcome } = isolated;
  if (outcome.kind !== "deferred") return "done";
  return outcome.isTurn ? "waits" : "goes on";
}

/** A reconciliation of a group begins; if it is asked for, it applies whatever was verified. */
function begin(group: TemplateGroup, isRetryAsked: boolean): void {
  group.pin.begin();
  if (!isRetryAsked) return;
  group.verified = undefined;
  group.isUnapplied = true;
}

function outcomeOf(isolated: Isolated | Fault): Outcome | Fault {
  return isolated instanceof Fault ? isolated : isolated.outcome;
}

/** The snapshot, if files can be rendered from it. */
function ready(
  snapshot: Snapshot | undefined,
  isReady: Reconciled["isReady"],
): Snapshot | undefined {
  return snapshot && isReady(snapshot) ? snapshot : undefined;
}

/**
 * Records that files and proxy are in sync; with all entries of this revision if nothing has to be searched any longer. While the
 * proxy is ahead of its files, only what it serves is known: a drain is acknowledged once a restart of the proxy does not undo it.
 */
function confirm(
  { status, onVerified, onServed }: Pick<Reconciled, "status" | "onVerified" | "onServed">,
  { outcome, isComplete, served }: Isolated,
  { pools, revision }: { readonly pools: Pools; readonly revision: string },
  log: Log,
): void {
  if (status.group.ahead) {
    onServed(served);
    return;
  }
  if (isComplete) status.verified(revision);
  if (isComplete && isSettled(status.group)) status.inSync = pools;
  if ("foreign" in outcome) logOverwritten(status.applied(), outcome.foreign, log);
  onVerified(served);
}

/** Whether the last rendering gave the texts that are in sync, and nothing but what it read may change them. */
function isSettled({ search, quarantine, pin }: TemplateGroup): boolean {
  return !pin.active && !search && quarantine.retryInMs === undefined;
}

/**
 * When to go on with a search, try quarantined entries again, write files or render although nothing has changed, in milliseconds from now;
 * undefined if there is none of these.
 */
function nextRetryInMs(
  group: TemplateGroup,
  refreshMs: number | undefined,
  clock: Clock,
): number | undefined {
  const { search, quarantine, unrenderable, pin } = group;
  if (pin.active) return undefined;
  if (search) return 0;
  const followMs = followInMs(group, clock);
  const all = [quarantine.retryInMs, unrenderable.retryInMs, refreshMs, followMs];
  const due = all.filter((ms) => ms !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** One reconciliation; a fault is an outcome, and so is a lack of resources, wherever it occurs. */
export async function attempt(
  group: TemplateGroup,
  pools: Pools,
  deps: IsolateDeps,
  signal: AbortSignal,
): Promise<Isolated | Fault> {
  try {
    return group.pin.active
      ? await applyPinned(group, pools, deps, signal)
      : await applyIsolatingBadEntries(group, pools, deps, signal);
  } catch (error) {
    // A fault of an attempt that is given up concerns nothing any longer.
    if (signal.aborted) throw error instanceof Fault ? signal.reason : error;
    if (error instanceof Fault) return error;
    const lack = shortageIn(error);
    if (lack === undefined) throw error;
    return faults.AGENT_RESOURCES_EXHAUSTED({ work: group.title, lack }, error);
  }
}

/**
 * Waits before a deferred reconciliation, unless the next change may be possible without a reload. Returns the remaining
 * time; undefined if the group waits for its turn. For a proxy that always reloads, rendering in the meantime would be in vain.
 */
async function putOff(
  status: GroupStatus,
  { waitMs, isTurn }: Outcome & { readonly kind: "deferred" },
  served: () => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<number | undefined> {
  status.deferred(isTurn ? Number.POSITIVE_INFINITY : waitMs);
  if (isTurn) {
    // The servers of a proxy may have been changed without a reload.
    served();
    return undefined;
  }
  if (status.group.proxy?.canAdjust) return waitMs;
  await clock.sleep(waitMs, signal);
  return 0;
}

/** The state until the fault is resolved; empty if its message contains it. */
function consequenceOf({ code }: Fault, { files, isUnapplied, proxy }: TemplateGroup): string {
  if (code.startsWith("INSTALL_")) return "";
  if (code === "PROXY_NOT_RUNNING") return "the new file is in place for its start";
  if (isUnapplied && proxy?.keepsFiles) return "the new file is in place";
  const isThere = files.some(({ plan }) => existsSync(plan.target.path));
  return isThere ? "the previous file is kept" : "there is no file yet";
}

/** What a log line has of a reconciliation besides its outcome. */
interface Reconciliation {
  readonly revision: string;
  /** In a few words; undefined if it is unknown. */
  readonly cause?: string | undefined;
  readonly tookMs: number;
}

/** Logs that files are in sync, if anything changed. */
export function logOutcome(
  { title, files, proxy }: TemplateGroup,
  outcome: Outcome,
  { revision, cause, tookMs }: Reconciliation,
  log: Log,
): void {
  if (outcome.kind !== "applied" && outcome.kind !== "ahead") return;
  const { applied } = outcome;
  const how = applied ? `${proxy?.title} ${applied}` : "no proxy to reload";
  const isAhead = outcome.kind === "ahead";
  const state = isAhead ? "is served, and written once it is validated" : "in sync";
  log.info("applied", `${title} ${state}: ${how} (${formatDuration(tookMs)})`, {
    targets: files.map(({ plan }) => plan.target.path),
    changed: isAhead ? [] : outcome.changed,
    applied,
    revision,
    cause,
    tookMs: Math.round(tookMs),
  });
}
