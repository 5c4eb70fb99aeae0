import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { FileOperations } from "../../lib/control/contract.ts";
import { sweep } from "../../lib/install/sweep.ts";
import { Journal } from "../../lib/journal/journal.ts";
import {
  quarantinePath,
  restoreQuarantines,
  saveQuarantines,
} from "../../lib/keyspace/quarantine-file.ts";
import { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import { readNames, saveNames } from "../../lib/resolve/name-cache.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { AgentFacts } from "../status.ts";
import { Acknowledgements } from "./acknowledge.ts";
import { followChanges } from "./changes.ts";
import { commonSettling } from "./debounce.ts";
import { followAllEnded } from "./ended.ts";
import type { WatchParts } from "./explain/parts.ts";
import { followingAtEnd } from "./follow-at-end.ts";
import { followTemplates } from "./follow-templates.ts";
import { prefixesOf, type TemplateGroup } from "./groups.ts";
import { FollowedKeyspaces } from "./keyspaces.ts";
import { hasConfiguredInstances, readiness } from "./lacking.ts";
import { monitorAll } from "./monitor.ts";
import { Pins } from "./pin/pins.ts";
import { restoreArrivals, runPolicies } from "./policies/run.ts";
import { reconcile } from "./reconcile.ts";
import { expireRetained } from "./retained.ts";
import { retryAll } from "./retry.ts";
import { saveSnapshot } from "./save-snapshot.ts";
import { startFrom } from "./start-from.ts";
import { createState, type WatchDeps } from "./state.ts";
import { type GroupStatus, statusesOf, WatchLoops, watchFacts } from "./status.ts";

export interface WatcherSettings {
  /** The file of the snapshot cache; false if it is disabled. */
  readonly cachePath: string | false;
  /** Distinguishes this watcher from all others of the keyspace. */
  readonly id: string;
}

/** Keeps files, and the proxies that read them, in sync with the keyspace. */
export interface Watch extends Service, FileOperations {
  status(): AgentFacts;
  /** The services as templates see them. */
  services(): Pools;
  readonly parts: WatchParts;
  readonly id: string;
  /** What reconciliations came to. */
  readonly journal: Journal;
}

/** keyspace → snapshot → view → text → file → proxy, until the signal of `run` aborts. */
export async function createWatch(
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
  { cachePath, id }: WatcherSettings,
  deps: WatchDeps,
): Promise<Watch> {
  const { mounts, clock, log } = deps;
  const journal = await Journal.beside(cachePath, { clock, onFact: deps.onFact });
  const namesPath = cachePath && `${cachePath}.names`;
  const pins = await Pins.open(cachePath, groups, journal, deps);
  const state = createState(plan, groups, await readNames(namesPath), deps);
  await restoreArrivals(cachePath, state.policies, clock);
  const [prefixes, memory] = [prefixesOf(groups, mounts), quarantinePath(cachePath)];
  const cache = await SnapshotCache.open(cachePath, { url: mounts.url, prefixes }, log);
  const remembering = groups.map(({ title: name, quarantine }) => ({ name, quarantine }));
  await restoreQuarantines(memory, remembering, log);
  if (cache.snapshot) startFrom(cache.snapshot, groups, state);
  await sweep(...groups.flatMap(({ files }) => files.map(({ plan }) => plan.target)));

  const hasFallBacks = hasConfiguredInstances(plan.sources);
  const reading = { mounts, folders: prefixes, id, cache, snapshot: state.snapshot, hasFallBacks };
  const keyspaces = new FollowedKeyspaces(reading, clock, log);
  const loops = new WatchLoops(clock);
  const statuses = statusesOf(groups, clock);
  const disk = new FaultReports("the snapshot cache", log, clock);
  const dns = new FaultReports("host names", log, clock);
  const acknowledgements = new Acknowledgements({ id, journal }, statuses, keyspaces.all, mounts);

  const saving = { keyspaces, cache, views: state.views };
  const reconcileGroup = (status: GroupStatus) => (s: AbortSignal) => {
    const isReady = readiness(status.group, keyspaces, mounts, state.views);
    const reconciled = { status, isReady, ...acknowledgements.of(status.group) };
    const work = () => reconcile(reconciled, plan, state, { ...deps, journal }, s);
    return followingAtEnd(status.group, deps, work);
  };
  return {
    run: (signal) =>
      runAll(
        signal,
        (s) => keyspaces.run(deps, s),
        (s) => saveSnapshot(saving, withLiveness(disk.reporter(), loops.cache), deps, s),
        (s) => journal.keep(deps, s),
        pins.run,
        (s) => saveQuarantines(memory, remembering, disk.reporter(), clock, s),
        (s) => expireRetained(state, clock, s),
        (s) => state.names.run(withLiveness(dns.reporter(), loops.names), s),
        (s) => saveNames(namesPath, state.names.resolution, disk.reporter(), clock, s),
        ...(plan.acknowledge ? [(s: AbortSignal) => acknowledgements.keep(deps, s)] : []),
        (s) =>
          followChanges(statuses, commonSettling(plan), state, acknowledgements.verified, clock, s),
        ...statuses.map(reconcileGroup),
        (s) => monitorAll(statuses, plan.drift, deps, s),
        (s) => followAllEnded(statuses, (group) => acknowledgements.of(group).onVerified, clock, s),
        (s) => runPolicies({ statuses, keyspaces, id, cachePath }, state.policies, disk, deps, s),
        (s) => followTemplates(statuses, deps, s),
      ),
    ...{ id, journal, pin: pins.pin, unpin: pins.unpin },
    parts: { groups, state, journal, clock },
    services: () => state.views.latest.value.effective,
    retry: (limitMs, s) => retryAll(statuses, limitMs, clock, s),
    status: () => watchFacts(statuses, loops, state, keyspaces),
  };
}
