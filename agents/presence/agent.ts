import { Cell } from "../../lib/base/cell.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { never, runAll, whenAborted } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { InstanceOperations } from "../../lib/control/contract.ts";
import type { Candidates } from "../../lib/destination/decide.ts";
import { type Liveness, withLiveness } from "../../lib/status/liveness.ts";
import type { AgentFacts } from "../status.ts";
import { applyRequested } from "./apply-requested.ts";
import { keepCandidates } from "./destinations/candidates.ts";
import { discover, discoveriesOf } from "./discover.ts";
import { DrainController } from "./drain.ts";
import { logDrains } from "./drain-log.ts";
import { keepDesired } from "./entries.ts";
import { coordinate, handOver } from "./hand-over.ts";
import { checkHealth } from "./health.ts";
import { keepTouched } from "./heartbeat.ts";
import { Operations } from "./operate.ts";
import { watchOwnKeys } from "./own-keys.ts";
import { ownPath } from "./own-path.ts";
import { keepRegistered } from "./registration.ts";
import { ReportController } from "./reports.ts";
import {
  nothingRequested,
  type RequestedFile,
  type SaveAttempt,
  saveRequested,
} from "./requested.ts";
import { ServedGate } from "./served-gate.ts";
import { createState, type PresenceDeps } from "./state.ts";
import { PresenceLoops, presenceFacts } from "./status.ts";
import { WeightController } from "./weights.ts";

/** The part of the shutdown timeout in which entries may be handed over; the rest is for draining the others. */
const handOverShare = 0.4;

/** Checks the instances of this machine and keeps the healthy ones registered. */
export interface Presence extends Service {
  status(): AgentFacts;
  readonly operations: InstanceOperations;
  /** The path of the entry of one of its instances, by name; undefined for any other instance. */
  pathOf(name: string): string | undefined;
  /** What its instances should be in destinations. */
  readonly candidates: readonly Cell<Candidates>[];
}

/**
 * discover → health → desired entries → keyspace, until the signal of `run` aborts. Then the entries are handed over to an
 * agent that stands by; every other instance is drained, and its entry is removed with the session. `file` has the drains
 * and weights that were requested of an earlier process; `folder` is the one at which the keyspace is mounted.
 */
export function createPresence(
  plan: PresencePlan,
  deps: PresenceDeps,
  file: RequestedFile = { path: undefined, restored: nothingRequested },
  folder = "",
): Presence {
  const { keyspace, clock, log } = deps;
  const state = createState();
  const loops = new PresenceLoops(plan, clock, folder);
  const reports = new FaultReports(keyspace.url, log, clock);
  const disk = new FaultReports(loops.requested.name, log, clock);
  const saving = withLiveness(disk.reporter(), loops.requested);
  const asking = { ...deps, isReachable: () => loops.ownKeys.facts().state !== "failing" };
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

  const leaveWhenStopped = (signal: AbortSignal) => async (s: AbortSignal) => {
    await whenAborted(signal, s);
    const sinceMs = clock.now();
    drains.giveUpHeld();
    const limitMs = handOverShare * plan.shutdownTimeoutMs;
    await handOver(state, (key) => drains.isDraining(key), limitMs, deps, s);
    drains.giveUpHeld();
    await drains.drainAll(sinceMs, s);
    throw signal.reason;
  };
  return {
    run: (signal) =>
      // The steps go on while the instances are drained, so they do not end with the signal.
      runAll(
        never,
        (s) => discover(discoveriesOf(plan, loops.containers, deps), state.found, deps, s),
        (s) => checkHealth(plan, { ...state, health: reporting.checked }, loops, deps, s),
        (s) => reporting.run(s),
        (s) => drains.followDiscovery(s),
        (s) => weighting.followDiscovery(s),
        (s) => applyRequested(inputs, clock, s),
        ...(deps.destinations ? [(s: AbortSignal) => keepCandidates(inputs, clock, s)] : []),
        (s) => keepDesired(plan, inputs, { clock, registration: loops.registration }, s),
        (s) => watchOwnKeys(plan, state, reporterOf(loops.ownKeys), deps, s),
        (s) => keepRegistered(plan, state, registering, deps, s),
        (s) => coordinate(state, signal, deps, s),
        (s) => logDrains(plan, inputs, deps, s),
        (s) => gate.run(s),
        (s) => saveRequested(file, inputs, saving, deps, s),
        (s) => keepTouched(plan.heartbeat, deps, s),
        leaveWhenStopped(signal),
      ),
    candidates: [state.candidates],
    pathOf: (name) => ownPath(name, plan, state, folder),
    status: () => {
      const requests = { draining: draining.value, weights: weighting.weights.value };
      const seen = { waitingFor: drains.acks.waitingFor, unserved: gate.unserved };
      const operated = { ...requests, ...seen, reportOn: reporting.reportOn };
      return presenceFacts(plan, state, operated, loops, { ...deps, folder, url: keyspace.url });
    },
    operations: new Operations(plan, { ...state, applied }, { drains, weights: weighting }, asking),
  };
}
