import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Backoff } from "../../lib/base/retry.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { SharingMap } from "../../lib/base/sharing-map.ts";
import { never, runAll, whenAborted } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Drain } from "../../lib/control/contract.ts";
import type { HealthById } from "../../lib/health/watch.ts";
import type { Keyspace } from "../../lib/keyspace/contract.ts";
import type { Entries } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { emptyRegistration } from "../../lib/presence/entries.ts";
import { type Liveness, withLiveness } from "../../lib/status/liveness.ts";
import type { AgentFacts } from "../status.ts";
import { type Discoveries, discover, discoveriesOf, emptyDiscoveries } from "./discover.ts";
import { DrainController } from "./drain.ts";
import { keepDesired } from "./entries.ts";
import { checkHealth } from "./health.ts";
import { watchOwnKeys } from "./own-keys.ts";
import { keepRegistered } from "./registration.ts";
import { PresenceLoops, presenceFacts } from "./status.ts";

export interface PresenceDeps {
  readonly keyspace: Keyspace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** How soon an unreachable keyspace, or a write that failed, is tried again. */
export const reconnect: Backoff = { firstMs: 100, maxMs: 2000 };

/** The state of the agent. Each cell has one writer: the step that is named. */
export interface PresenceState {
  /** The instances of this machine: `discover`. */
  readonly found: Cell<Discoveries>;
  /** What the checks conclude, by instance: `checkHealth`. */
  readonly health: Cell<HealthById>;
  /** The entries that the keyspace should have, by key: `keepDesired`. */
  readonly desired: Cell<Entries>;
  /** The entries below the folders of our services, of all agents; undefined until they were read: `watchOwnKeys`. */
  readonly observed: Cell<Snapshot | undefined>;
  /** The keys that the session of this agent holds: `keepRegistered`. */
  readonly confirmed: Cell<Set<string>>;
}

/** Checks the instances of this machine and keeps the healthy ones registered. */
export interface Presence extends Service {
  status(): AgentFacts;
  readonly drain: Drain;
}

/**
 * discover → health → desired entries → keyspace, until the signal of `run` aborts. Then every instance is drained, and
 * its entry is removed with the session.
 */
export function createPresence(plan: PresencePlan, deps: PresenceDeps): Presence {
  const { keyspace, clock, log } = deps;
  const state: PresenceState = {
    found: new Cell(emptyDiscoveries),
    health: new Cell<HealthById>(SharingMap.of([])),
    desired: new Cell<Entries>(emptyRegistration.entries),
    observed: new Cell<Snapshot | undefined>(undefined),
    confirmed: new Cell(new Set<string>()),
  };
  const loops = new PresenceLoops(plan, clock);
  const reports = new FaultReports(keyspace.url, log, clock);
  const drains = new DrainController(plan, state, {
    ...deps,
    isReachable: () => loops.ownKeys.facts().state !== "failing",
  });

  const reporterOf = (loop: Liveness) => withLiveness(reports.reporter(), loop);
  const inputs = { ...state, draining: drains.draining };
  const registering = { loop: loops.registration, reporter: reporterOf(loops.registration) };

  const drainWhenStopped = (signal: AbortSignal) => async (s: AbortSignal) => {
    await whenAborted(signal, s);
    await drains.drainAll(s);
    throw signal.reason;
  };
  return {
    run: (signal) =>
      // The steps go on while the instances are drained, so they do not end with the signal.
      runAll(
        never,
        (s) => discover(discoveriesOf(plan, loops.containers, deps), state.found, log, s),
        (s) => checkHealth(state, loops.checks, deps, s),
        (s) => drains.followDiscovery(s),
        (s) => keepDesired(plan, inputs, { clock, registration: loops.registration }, s),
        (s) => watchOwnKeys(plan, state, reporterOf(loops.ownKeys), deps, s),
        (s) => keepRegistered(plan, state, registering, deps, s),
        drainWhenStopped(signal),
      ),
    status: () => presenceFacts(plan, state, drains.draining.value, loops),
    drain: (request, signal) => drains.drain(request, signal),
  };
}
