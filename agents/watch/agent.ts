import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Fault } from "../../lib/base/fault.ts";
import { type FaultReporter, FaultReports } from "../../lib/base/fault-reporter.ts";
import { type Backoff, retry } from "../../lib/base/retry.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { sweep } from "../../lib/install/sweep.ts";
import { WatcherEntryPublisher } from "../../lib/keyspace/acks/publish.ts";
import type { KeySource, Keyspace } from "../../lib/keyspace/contract.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { followEdits } from "../../lib/render/follow-edits.ts";
import { prefixesOf } from "../../lib/render/template-file.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { nextDueMs } from "../../lib/view/guard.ts";
import { Views } from "../../lib/view/views.ts";
import { withLiveness } from "../status.ts";
import type { TemplateGroup } from "./apply.ts";
import { applyIsolatingBadEntries } from "./isolate.ts";
import { applyDeps, type ReconcileDeps, reconcile, report } from "./reconcile.ts";

export interface WatchDeps extends ReconcileDeps {
  readonly keyspace: Keyspace;
  /** The file that keeps what is known of the keyspace; false for none. */
  readonly snapshotCache: string | false;
  /** What tells this watcher from all others. */
  readonly id: string;
}

/** How soon a store that is out of reach is asked again. */
const reconnect: Backoff = { firstMs: 100, maxMs: 2000 };

/** keyspace → snapshot → view → text → file → proxy, for as long as the signal lives. */
export async function watch(
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const { keyspace, clock, random, log, status } = deps;
  const snapshot = new Cell<Snapshot | undefined>(undefined);
  const views = new Views(plan, clock, log);
  const origin = { url: keyspace.url, prefixes: prefixesOf(plan.templates) };
  const lastKnown = await SnapshotCache.open(deps.snapshotCache, origin, log);
  // What went while nobody looked is lost as well.
  if (lastKnown.snapshot) views.of(lastKnown.snapshot);
  const unaccepted = () => groups.flatMap(({ quarantine }) => quarantine.quarantined);
  status.quarantined = () => [...views.quarantined, ...unaccepted()];
  status.held = () => views.retained;
  status.cachedSnapshot = () => lastKnown.inForce;
  const store = new FaultReports("the keyspace", log, clock);
  const disk = new FaultReports("the last good snapshot", log, clock).reporter();
  const acknowledgement = new WatcherEntryPublisher(deps.id, groups);
  const acknowledge = (s: AbortSignal) =>
    acknowledgement.keep(keyspace, { clock, random, log, reporter: store.reporter() }, s);
  const onServed = (group: TemplateGroup, pools: Pools) => acknowledgement.served(group, pools);
  const serving = (group: TemplateGroup) => (s: AbortSignal) =>
    reconcile(group, plan, snapshot, views, { ...deps, onServed }, s);
  const files = groups.flatMap((group) => group.files);
  for (const { plan } of files) await sweep(plan.target);
  await runAll(
    signal,
    (s) => keepUp(plan, snapshot, lastKnown, store.reporter(), deps, s),
    (s) => lastKnown.standInLate(snapshot, clock, s),
    (s) => lastKnown.save(views.latest, disk, clock, s),
    (s) => endHolds(views, snapshot, clock, s),
    ...(plan.acknowledge ? [acknowledge] : []),
    ...groups.map(serving),
    ...files.map((file) => (s: AbortSignal) => followEdits(file, snapshot, { log, clock }, s)),
  );
}

/** One pass: the keyspace as it is now, rendered, checked, installed and applied. Throws the first fault. */
export async function watchOnce(
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = await readSnapshot(deps.keyspace, prefixesOf(plan.templates), signal);
  const views = new Views(plan, deps.clock, deps.log);
  for (const group of groups) {
    const startMs = deps.clock.now();
    const once = () =>
      applyIsolatingBadEntries(group, views.of(snapshot), applyDeps(snapshot, deps), signal);
    let done = await once();
    for (; done.kind === "deferred"; done = await once()) {
      await deps.clock.sleep(done.waitMs, signal);
    }
    report(group, done, snapshot, deps.clock.now() - startMs, deps.log);
  }
}

/** The state of a store at this moment. Throws a fault when it cannot be had. */
export async function readSnapshot(
  source: KeySource,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<Snapshot> {
  const cell = new Cell<Snapshot | undefined>(undefined);
  await race(
    signal,
    (s) => cell.newer(0, s),
    (s) => follow(source, prefixes, cell, () => {}, s),
  );
  if (!cell.value) throw new Error("the watch ended before it began");
  return cell.value;
}

/** Keeps `snapshot` equal to the keyspace; while that is out of reach it stays what it was. */
async function keepUp(
  plan: WatchPlan,
  snapshot: Cell<Snapshot | undefined>,
  lastKnown: SnapshotCache,
  reporter: FaultReporter,
  { keyspace, clock, random, status }: WatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const following = status.follower("following the keyspace");
  const faults = withLiveness(reporter, following);
  const consequence = () =>
    snapshot.value ? "what was known last stays in force" : "nothing is rendered yet";
  const onFault = (fault: Fault, waitMs: number) => {
    lastKnown.standIn(snapshot);
    faults.report(fault, waitMs, consequence());
  };
  await retry(
    (progress, s) => {
      const connected = () => {
        progress();
        lastKnown.over();
        faults.resolved();
      };
      return follow(keyspace, prefixesOf(plan.templates), snapshot, connected, s);
    },
    reconnect,
    { clock, random, onFault },
    signal,
  );
}

/** Has everything looked at again once an instance that has gone was held for as long as it may be. */
async function endHolds(
  views: Views,
  snapshot: Cell<Snapshot | undefined>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { latest } = views;
  for (;;) {
    const seen = latest.version;
    const waitMs = nextDueMs(latest.value) - clock.now();
    const changed = (s: AbortSignal) => latest.newer(seen, s);
    const due = async (s: AbortSignal) => {
      await clock.sleep(Math.max(0, waitMs), s);
      // The same keys again: what is to be shown of them has changed.
      snapshot.set(snapshot.value);
      await latest.newer(seen, s);
    };
    await (Number.isFinite(waitMs) ? race(signal, changed, due) : changed(signal));
  }
}
