import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { sweep } from "../../lib/install/sweep.ts";
import { WatcherEntryPublisher } from "../../lib/keyspace/acks/publish.ts";
import { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import { followEdits } from "../../lib/render/follow-edits.ts";
import { readNames, saveNames } from "../../lib/resolve/name-cache.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { DrainedFinder } from "../../lib/view/drained.ts";
import type { AgentFacts } from "../status.ts";
import { followKeyspace } from "./follow-keyspace.ts";
import { prefixesOf, type TemplateGroup } from "./groups.ts";
import { reconcile } from "./reconcile.ts";
import { expireRetained } from "./retained.ts";
import { createState, type WatchDeps } from "./state.ts";
import { GroupStatus, keyspaceLoop, namesLoop, watchFacts } from "./status.ts";

export interface WatcherSettings {
  /** The file of the snapshot cache; false if it is disabled. */
  readonly cachePath: string | false;
  /** Distinguishes this watcher from all others of the keyspace. */
  readonly id: string;
}

/** Keeps files, and the proxies that read them, in sync with the keyspace. */
export interface Watch extends Service {
  status(): AgentFacts;
}

/** keyspace → snapshot → view → text → file → proxy, until the signal of `run` aborts. */
export async function createWatch(
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
  { cachePath, id }: WatcherSettings,
  deps: WatchDeps,
): Promise<Watch> {
  const { keyspace, clock, random, log } = deps;
  const namesPath = cachePath && `${cachePath}.names`;
  const state = createState(plan, await readNames(namesPath), deps);
  const prefixes = prefixesOf(groups);
  const cache = await SnapshotCache.open(cachePath, { url: keyspace.url, prefixes }, log);
  // Instances that disappeared while no watcher ran are lost instances, too.
  if (cache.snapshot) state.views.of(cache.snapshot);
  for (const { plan } of groups.flatMap(({ files }) => files)) await sweep(plan.target);

  const source = { prefixes, snapshot: state.snapshot, cache };
  const [following, resolving] = [keyspaceLoop(clock), namesLoop(clock)];
  const statuses = groups.map((group) => new GroupStatus(group, clock));
  const store = new FaultReports("the keyspace", log, clock);
  const disk = new FaultReports("the snapshot cache", log, clock);
  const dns = withLiveness(new FaultReports("host names", log, clock).reporter(), resolving);
  const entry = new WatcherEntryPublisher(id, groups);
  const drained = new DrainedFinder();

  const keepEntry = (s: AbortSignal) =>
    entry.keep(keyspace, { clock, random, log, reporter: store.reporter() }, s);
  const reconcileGroup = (status: GroupStatus) => (s: AbortSignal) => {
    const onVerified = (pools: Pools) => entry.verified(status.group, drained.in(pools));
    return reconcile({ status, onVerified }, plan, state, deps, s);
  };
  const followGroup = ({ files, edits }: TemplateGroup) =>
    files.map(
      ({ template }) =>
        (s: AbortSignal) =>
          followEdits(template, edits, { log, clock }, s),
    );
  return {
    run: (signal) =>
      runAll(
        signal,
        (s) => followKeyspace(source, withLiveness(store.reporter(), following), deps, s),
        (s) => cache.standInLate(state.snapshot, clock, s),
        (s) => cache.save(state.views.effective, disk.reporter(), clock, s),
        (s) => expireRetained(state, clock, s),
        (s) => state.names.run(dns, s),
        (s) => saveNames(namesPath, state.names.resolution, disk.reporter(), clock, s),
        ...(plan.acknowledge ? [keepEntry] : []),
        ...statuses.map(reconcileGroup),
        ...groups.flatMap(followGroup),
      ),
    status: () => watchFacts(statuses, { following, resolving }, state, cache),
  };
}
