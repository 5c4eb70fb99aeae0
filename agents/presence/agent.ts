import { Cell } from "../../lib/base/cell.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import { runLatest } from "../../lib/base/run-each.ts";
import { never, runAll } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import { type Liveness, withLiveness } from "../../lib/status/liveness.ts";
import { AppliedPlans } from "./applied-plan.ts";
import { applyRequested } from "./apply-requested.ts";
import type { PresencePart } from "./contract.ts";
import { keepCandidates } from "./destinations/candidates.ts";
import { Discoveries, discover } from "./discover.ts";
import { DrainController } from "./drain.ts";
import { logDrains } from "./drain-log.ts";
import { keepDesired } from "./entries.ts";
import { coordinate } from "./hand-over.ts";
import { checkHealth } from "./health.ts";
import { keepHeartbeat } from "./heartbeat.ts";
import { leaveWhenStopped } from "./leave.ts";
import { Operations } from "./operate.ts";
import { watchOwnKeys } from "./own-keys.ts";
import { ownPath } from "./own-path.ts";
import { ReportController } from "./reports.ts";
import {
  nothingRequested,
  type RequestedFile,
  type SaveAttempt,
  saveRequested,
} from "./requested.ts";
import { ServedGate } from "./served-gate.ts";
import { keepRegistered, Sessions } from "./sessions.ts";
import { createState, type PresenceDeps } from "./state.ts";
import { PresenceLoops, presenceFacts } from "./status.ts";
import { WeightController } from "./weights.ts";

/**
 * discover → health → desired entries → keyspace, until the signal of `run` aborts. Then the entries are handed over to an
 * agent that stands by; every other instance is drained, and its entry is removed with the session. `file` has the drains
 * and weights that were requested of an earlier process; `folder` is the one at which the keyspace is mounted.
 */
export function createPresence(
  first: PresencePlan,
  given: PresenceDeps,
  file: RequestedFile = { path: undefined, restored: nothingRequested },
  folder = "",
): PresencePart {
  const { clock, log } = given;
  const state = createState();
  const plans = new AppliedPlans(first);
  const { plan } = plans;
  const sessions = new Sessions(given.keyspace, first.ttlMs, state.observed, given.inUse);
  const { keyspace } = sessions;
  const deps = { ...given, keyspace };
  const loops = new PresenceLoops(plan, clock, folder);
  const reports = new FaultReports(() => keyspace.url, log, clock);
  const disk = new FaultReports(loops.requested.name, log, clock);
  const saving = withLiveness(disk.reporter(), loops.requested);
  const asking = { ...deps, isReachable: () => loops.ownKeys.facts().state !== "failing" };
  const discoveries = new Discoveries(plans, loops, deps);
  const drains = new DrainController(plan, state, file.restored.draining, asking);
  const weighting = new WeightController(state.found, file.restored.weights, deps);
  const { draining, requested } = drains;
  const reporting = new ReportController(plan, state, deps);
  const gate = new ServedGate(plan, { ...state, draining }, asking);

  const reporterOf = (loop: Liveness) => withLiveness(reports.reporter(), loop);
  const attempt = new Cell<SaveAttempt>({ requested: file.restored, hasFailed: false });
  const applied = new Cell(file.restored);
  const inputs = { ...state, draining, requested, weights: weighting.weights, attempt, applied };
  const registering = { loop: loops.registration, reporter: reporterOf(loops.registration) };
  const own = { found: state.found, observed: state.observed, reporter: reporterOf(loops.ownKeys) };

  return {
    run: (signal) =>
      // The steps go on while the instances are drained, so they do not end with the signal.
      runAll(
        never,
        (s) => discoveries.follow(s),
        (s) => discover(discoveries.all, state.found, deps, s),
        (s) => checkHealth(plan, { ...state, health: reporting.checked }, loops, deps, s),
        (s) => reporting.run(sessions.store, s),
        (s) => drains.followDiscovery(s),
        (s) => weighting.followDiscovery(s),
        (s) => applyRequested(inputs, clock, s),
        ...(deps.destinations ? [(s: AbortSignal) => keepCandidates(inputs, clock, s)] : []),
        (s) => keepDesired(plan, inputs, { clock, registration: loops.registration }, s),
        (s) => plans.removeLeft(state, clock, s),
        (s) => runLatest(sessions.store, (one, t) => watchOwnKeys(plan, one, own, deps, t), s),
        (s) => keepRegistered(sessions, plan, state, registering, deps, s),
        (s) => coordinate(state, signal, deps, s),
        (s) => logDrains(plan, inputs, deps, s),
        (s) => gate.run(s),
        (s) => saveRequested(file, inputs, saving, deps, s),
        (s) => keepHeartbeat(plan, deps, s),
        (s) => leaveWhenStopped(plan, state, drains, signal, deps, s),
      ),
    replacePlan: (next, other) => {
      plans.replace(next);
      sessions.target.set({ keyspace: other, ttlMs: next.ttlMs });
    },
    candidates: [state.candidates],
    pathOf: (name) => ownPath(name, plan.value, state, folder),
    status: () => {
      const requests = { draining: draining.value, weights: weighting.weights.value };
      const seen = { waitingFor: drains.acks.waitingFor, unserved: gate.unserved };
      const operated = { ...requests, ...seen, reportOn: reporting.reportOn };
      const shown = { ...deps, folder, url: keyspace.url };
      return presenceFacts(plan.value, state, operated, loops, shown);
    },
    operations: new Operations(plan, { ...state, applied }, { drains, weights: weighting }, asking),
  };
}
