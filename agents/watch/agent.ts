import type { Fault } from "../../lib/base/fault.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Retry } from "../../lib/control/contract.ts";
import { sweep } from "../../lib/install/sweep.ts";
import { WatcherEntryPublisher } from "../../lib/keyspace/acks/publish.ts";
import { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import { followEdits } from "../../lib/render/follow-edits.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { DrainedFinder } from "../../lib/view/drained.ts";
import type { AgentFacts } from "../status.ts";
import { followEnded } from "./ended.ts";
import { followKeyspace } from "./follow-keyspace.ts";
import { prefixesOf, type TemplateGroup } from "./groups.ts";
import { monitor } from "./monitor.ts";
import { reconcile } from "./reconcile.ts";
import { expireRetained } from "./retained.ts";
import { retryAll } from "./retry.ts";
import { createState, type WatchDeps } from "./state.ts";
import { GroupStatus, WatchLoops, watchFacts } from "./status.ts";

export interface WatcherSettings {
  /** The file of the snapshot cache; false if it is disabled. */
  readonly cachePath: string | false;
  /** Distinguishes this watcher from all others of the keyspace. */
  readonly id: string;
}

/** Keeps files, and the proxies that read them, in sync with the keyspace. */
export interface Watch extends Service {
  status(): AgentFacts;
  /** Applies every file again at once, whatever was verified. */
  readonly retry: Retry;
}

/** keyspace → snapshot → view → text → file → proxy, until the signal of `run` aborts. */
export async function createWatch(
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
  { cachePath, id }: WatcherSettings,
  deps: WatchDeps,
): Promise<Watch> {
  const { keyspace, clock, random, log } = deps;
  const state = createState(plan, deps);
  const prefixes = prefixesOf(groups);
  const cache = await SnapshotCache.open(cachePath, { url: keyspace.url, prefixes }, log);
  // Instances that disappeared while no watcher ran are lost instances, too.
  if (cache.snapshot) state.views.of(cache.snapshot);
  for (const { plan } of groups.flatMap(({ files }) => files)) await sweep(plan.target);

  const source = { prefixes, snapshot: state.snapshot, cache };
  const loops = new WatchLoops(clock);
  const statuses = groups.map((group) => new GroupStatus(group, clock));
  const store = new FaultReports("the keyspace", log, clock);
  const disk = new FaultReports("the snapshot cache", log, clock);
  const entry = new WatcherEntryPublisher(id, groups);
  const drained = new DrainedFinder();

  const keepEntry = (s: AbortSignal) =>
    entry.keep(
      keyspace,
      { clock, random, log, reporter: withLiveness(store.reporter(), loops.entry) },
      s,
    );
  /** The proxy of a group sends no requests to instances that are drained in these services. */
  const acknowledge = (group: TemplateGroup) => (pools: Pools) =>
    entry.verified(group, drained.in(pools));
  const reconcileGroup = (status: GroupStatus) => (s: AbortSignal) =>
    reconcile({ status, onVerified: acknowledge(status.group) }, plan, state, deps, s);
  const followProxy = (status: GroupStatus) => (s: AbortSignal) =>
    followEnded(status, acknowledge(status.group), clock, s);
  const followTemplates = (status: GroupStatus) =>
    status.group.files.map(({ plan, template }) => (s: AbortSignal) => {
      const onRead = (fault: Fault | undefined) => status.templateRead(plan.target.path, fault);
      return followEdits(template, status.group.edits, { log, clock, onRead }, s);
    });
  return {
    run: (signal) =>
      runAll(
        signal,
        (s) => followKeyspace(source, withLiveness(store.reporter(), loops.following), deps, s),
        (s) => cache.standInLate(state.snapshot, clock, s),
        (s) =>
          cache.save(
            state.views.effective,
            withLiveness(disk.reporter(), loops.cache),
            { clock, random },
            s,
          ),
        (s) => expireRetained(state, clock, s),
        ...(plan.acknowledge ? [keepEntry] : []),
        ...statuses.map(reconcileGroup),
        ...statuses.map((status) => (s: AbortSignal) => monitor(status, plan.drift, deps, s)),
        ...statuses.map(followProxy),
        ...statuses.flatMap(followTemplates),
      ),
    retry: (limitMs, s) => retryAll(statuses, limitMs, clock, s),
    status: () => watchFacts(statuses, loops, { views: state.views, cache }),
  };
}
