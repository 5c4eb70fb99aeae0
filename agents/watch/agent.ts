import type { Fault } from "../../lib/base/fault.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Retry } from "../../lib/control/contract.ts";
import { sweep } from "../../lib/install/sweep.ts";
import { WatcherEntryPublisher } from "../../lib/keyspace/acks/publish.ts";
import {
  quarantinePath,
  restoreQuarantines,
  saveQuarantines,
} from "../../lib/keyspace/quarantine-file.ts";
import { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { followEdits } from "../../lib/render/follow-edits.ts";
import { readNames, saveNames } from "../../lib/resolve/name-cache.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { DrainedFinder } from "../../lib/view/drained.ts";
import { without } from "../../lib/view/without.ts";
import type { AgentFacts } from "../status.ts";
import { followEnded } from "./ended.ts";
import { followKeyspace } from "./follow-keyspace.ts";
import { prefixesOf, type TemplateGroup } from "./groups.ts";
import { monitor } from "./monitor.ts";
import { reconcile } from "./reconcile.ts";
import { expireRetained } from "./retained.ts";
import { retryAll } from "./retry.ts";
import { createState, type WatchDeps, type WatchState } from "./state.ts";
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
  const namesPath = cachePath && `${cachePath}.names`;
  const state = createState(plan, groups, await readNames(namesPath), deps);
  const prefixes = prefixesOf(groups);
  const cache = await SnapshotCache.open(cachePath, { url: keyspace.url, prefixes }, log);
  const memory = quarantinePath(cachePath);
  const remembering = groups.map(({ title: name, quarantine }) => ({ name, quarantine }));
  await restoreQuarantines(memory, remembering, log);
  if (cache.snapshot) startFrom(cache.snapshot, groups, state);
  for (const { plan } of groups.flatMap(({ files }) => files)) await sweep(plan.target);

  const source = { prefixes, snapshot: state.snapshot, cache };
  const loops = new WatchLoops(clock);
  const statuses = groups.map((group) => new GroupStatus(group, clock));
  const store = new FaultReports("the keyspace", log, clock);
  const disk = new FaultReports("the snapshot cache", log, clock);
  const dns = new FaultReports("host names", log, clock);
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
        (s) => saveQuarantines(memory, remembering, disk.reporter(), clock, s),
        (s) => expireRetained(state, clock, s),
        (s) => state.names.run(withLiveness(dns.reporter(), loops.names), s),
        (s) => saveNames(namesPath, state.names.resolution, disk.reporter(), clock, s),
        ...(plan.acknowledge ? [keepEntry] : []),
        ...statuses.map(reconcileGroup),
        ...statuses.map((status) => (s: AbortSignal) => monitor(status, plan.drift, deps, s)),
        ...statuses.map(followProxy),
        ...statuses.flatMap(followTemplates),
      ),
    retry: (limitMs, s) => retryAll(statuses, limitMs, clock, s),
    status: () => watchFacts(statuses, loops, state, cache),
  };
}

/**
 * An earlier process has served this snapshot: instances that disappeared while no watcher ran are lost instances, and
 * entries that appeared are the first ones to suspect.
 */
function startFrom(
  snapshot: Snapshot,
  groups: readonly TemplateGroup[],
  { views, nameView }: Pick<WatchState, "views" | "nameView">,
): void {
  const all = views.of(snapshot);
  for (const group of groups) {
    const pools = group.resolvesNames ? nameView.known(all) : all;
    // The snapshot may be older than the quarantine, of which nothing is forgotten here.
    const held = group.quarantine.quarantined.map(({ key }) => key);
    group.accepted = without(pools, new Set(held));
  }
}
