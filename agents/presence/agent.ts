import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { never, runAll, whenAborted } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Drain } from "../../lib/control/contract.ts";
import { type Liveness, withLiveness } from "../../lib/status/liveness.ts";
import type { AgentFacts } from "../status.ts";
import { discover, discoveriesOf } from "./discover.ts";
import { DrainController } from "./drain.ts";
import { keepDesired } from "./entries.ts";
import { coordinate, handOver } from "./hand-over.ts";
import { checkHealth } from "./health.ts";
import { watchOwnKeys } from "./own-keys.ts";
import { keepRegistered } from "./registration.ts";
import { createState, type PresenceDeps } from "./state.ts";
import { PresenceLoops, presenceFacts } from "./status.ts";

/** The part of the shutdown timeout in which entries may be handed over; the rest is for draining the others. */
const handOverShare = 0.4;

/** Checks the instances of this machine and keeps the healthy ones registered. */
export interface Presence extends Service {
  status(): AgentFacts;
  readonly drain: Drain;
}

/**
 * discover → health → desired entries → keyspace, until the signal of `run` aborts. Then the entries are handed over to an
 * agent that stands by; every other instance is drained, and its entry is removed with the session.
 */
export function createPresence(plan: PresencePlan, deps: PresenceDeps): Presence {
  const { keyspace, clock, log } = deps;
  const state = createState();
  const loops = new PresenceLoops(plan, clock);
  const reports = new FaultReports(keyspace.url, log, clock);
  const drains = new DrainController(plan, state, {
    ...deps,
    isReachable: () => loops.ownKeys.facts().state !== "failing",
  });

  const reporterOf = (loop: Liveness) => withLiveness(reports.reporter(), loop);
  const inputs = { ...state, draining: drains.draining };
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
        (s) => checkHealth(plan, state, loops, deps, s),
        (s) => drains.followDiscovery(s),
        (s) => keepDesired(plan, inputs, { clock, registration: loops.registration }, s),
        (s) => watchOwnKeys(plan, state, reporterOf(loops.ownKeys), deps, s),
        (s) => keepRegistered(plan, state, registering, deps, s),
        (s) => coordinate(state, signal, deps, s),
        leaveWhenStopped(signal),
      ),
    status: () => presenceFacts(plan, state, drains.draining.value, loops),
    drain: (request, signal) => drains.drain(request, signal),
  };
}
