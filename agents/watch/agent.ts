import { FaultReports } from "../../lib/base/fault-reporter.ts";
import { runEach, runLatest } from "../../lib/base/run-each.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { readNames, saveNames } from "../../lib/resolve/name-cache.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import { Acknowledgements } from "./acknowledge.ts";
import { followChanges } from "./changes.ts";
import type { Watch, WatcherSettings } from "./contract.ts";
import { commonSettling } from "./debounce.ts";
import { followingAtEnd } from "./follow-at-end.ts";
import { followTemplates } from "./follow-templates.ts";
import { followView } from "./follow-view.ts";
import type { TemplateGroup } from "./groups.ts";
import { lookBetweenChanges } from "./look.ts";
import { Pins } from "./pin/pins.ts";
import { restoreArrivals, runPolicies } from "./policies/run.ts";
import { QuarantineMemory } from "./quarantine-memory.ts";
import { Reading } from "./reading.ts";
import { reconcile } from "./reconcile.ts";
import { retryAll } from "./retry.ts";
import { saveSnapshot } from "./save-snapshot.ts";
import { startFrom } from "./start-from.ts";
import { createState, replaceRules, type WatchDeps } from "./state.ts";
import { type GroupStatus, WatchLoops, watchFacts } from "./status.ts";
import { sweepTargets } from "./sweep-targets.ts";
import { giveTurns, keepTurns } from "./turns/turns.ts";
import { Watched } from "./watched.ts";

/** keyspace → snapshot → view → text → file → proxy, until the signal of `run` aborts. */
export async function createWatch(
  first: WatchPlan,
  opened: readonly TemplateGroup[],
  { cachePath, id }: WatcherSettings,
  deps: WatchDeps,
): Promise<Watch> {
  const { clock, log } = deps;
  const journal = await Journal.beside(cachePath, { clock, onFact: deps.onFact });
  const namesPath = cachePath && `${cachePath}.names`;
  const watched = new Watched(first, opened, deps.mounts, clock);
  const { plan, groups, statuses } = watched;
  const pins = await Pins.open(cachePath, groups, journal, deps);
  const state = createState(plan, groups, await readNames(namesPath), deps);
  giveTurns(first, opened, deps);
  await restoreArrivals(cachePath, state.policies, clock);
  const reading = await Reading.open(watched, state, { cachePath, id }, deps);
  const { keyspaces } = reading;
  const memory = new QuarantineMemory(cachePath, groups, log);
  await memory.restore(opened);
  if (reading.cached) startFrom(reading.cached, opened, state);
  await sweepTargets(opened);

  const loops = new WatchLoops(clock);
  const disk = new FaultReports("the snapshot cache", log, clock);
  const dns = new FaultReports("host names", log, clock);
  const own = { id, journal, turns: first.together?.group };
  const acknowledgements = new Acknowledgements(own, reading.acknowledged, deps.mounts);

  const saved = withLiveness(disk.reporter(), loops.cache);
  const seen = { snapshot: 0, expired: 0, resolution: 0 };
  const reconcileGroup = (status: GroupStatus, s: AbortSignal) => {
    const isReady = reading.readinessOf(status.group);
    const reconciled = { status, isReady, ...acknowledgements.of(status.group) };
    const work = () => reconcile(reconciled, plan.value, state, { ...deps, journal }, s);
    return followingAtEnd(status.group, deps, work);
  };
  const wake = (all: readonly GroupStatus[], s: AbortSignal) => {
    const { verified } = acknowledgements;
    return followChanges(all, commonSettling(plan.value), state, verified, clock, seen, s);
  };
  const looking = { id, acknowledgements, keyspaces };
  const shaped = { statuses, keyspaces, id, cachePath };
  return {
    run: (signal) =>
      runAll(
        signal,
        (s) => runLatest(keyspaces, (all, t) => all.run(deps, t), s),
        (s) => runLatest(keyspaces, (all, t) => saveSnapshot(all, state.views, saved, deps, t), s),
        (s) => journal.keep(deps, s),
        pins.run,
        (s) => memory.keep(disk.reporter(), clock, s),
        (s) => followView(state, deps, s),
        (s) => state.names.run(withLiveness(dns.reporter(), loops.names), s),
        (s) => saveNames(namesPath, state.names.resolution, disk.reporter(), clock, s),
        (s) => acknowledgements.keep(deps, s),
        (s) => runLatest(statuses, wake, s),
        (s) => runEach(statuses, reconcileGroup, s),
        (s) => keepTurns(first, groups, { id, state, acknowledgements }, deps, s),
        (s) => lookBetweenChanges(watched, looking, deps, s),
        (s) => runPolicies(shaped, state.policies, disk, deps, s),
        (s) => followTemplates(statuses, deps, s),
      ),
    ...{ id, journal, pin: pins.pin, unpin: pins.unpin },
    replacePlan: async (next, all, mounts) => {
      const kept = watched.keeping(next, all);
      const added = kept.filter((group) => !groups.value.includes(group));
      await memory.restore(added);
      await pins.restore(added);
      await sweepTargets(added, groups.value);
      giveTurns(next, added, deps);
      watched.replace(next, kept, mounts);
      replaceRules(state, next, kept);
      reading.replace();
      acknowledgements.replace(reading.acknowledged, mounts);
    },
    parts: {
      ...{ state, journal, clock },
      get groups() {
        return groups.value;
      },
    },
    services: () => state.views.latest.value.effective,
    retry: (limitMs, s) => retryAll(statuses.value, limitMs, clock, s),
    status: () => watchFacts(statuses.value, loops, state, keyspaces.value),
  };
}
