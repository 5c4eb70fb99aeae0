import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../lib/base/cell.ts";
import { andMore, shortened } from "../../lib/base/excerpt.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { runEach } from "../../lib/base/run-each.ts";
import { runAll } from "../../lib/base/signal.ts";
import type {
  Discovered,
  Discovery,
  FoundInstance,
  QuarantinedItem,
} from "../../lib/discover/contract.ts";
import { ownAddresses } from "../../lib/discover/docker/host-addresses.ts";
import type { DockerSettings } from "../../lib/discover/docker/schema.ts";
import { join } from "../../lib/discover/join.ts";
import { kinds } from "../../lib/discover/kinds.ts";
import type { CheckConfig } from "../../lib/health/kinds.ts";
import { readLabelCheck } from "../../lib/health/read-check.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import { type Liveness, withLiveness } from "../../lib/status/liveness.ts";
import type { AppliedPlan, AppliedPlans } from "./applied-plan.ts";
import {
  emptyDiscoveries,
  type Discoveries as FoundByAll,
  type PresenceDeps,
  type QuarantinedSince,
} from "./state.ts";
import type { PresenceLoops } from "./status.ts";

/**
 * The discoveries that the plan asks for, as it is replaced: the configured services, and the containers of an engine. Where two find
 * the same instance, the configured one wins.
 */
export class Discoveries {
  readonly all: Cell<readonly Discovery<CheckConfig>[]>;
  readonly #plan: Cell<AppliedPlan>;
  readonly #configured: Discovery<CheckConfig>;
  readonly #ofPlan: (plan: AppliedPlan) => readonly Discovery<CheckConfig>[];

  constructor(
    { plan, services }: Pick<AppliedPlans, "plan" | "services">,
    loops: Pick<PresenceLoops, "containers">,
    deps: Pick<PresenceDeps, "clock" | "random" | "log" | "program">,
  ) {
    this.#plan = plan;
    this.#configured = kinds.static.create(services, deps.program);
    this.#ofPlan = ({ docker, name }) => {
      const loop = loops.containers;
      const containers = docker && loop && containersOf(docker, name, loop, deps);
      return [this.#configured, ...(containers ? [containers] : [])];
    };
    this.all = new Cell(this.#ofPlan(plan.value));
  }

  /** Follows the containers of another engine, or with other settings, once the plan has them. */
  async follow(signal: AbortSignal): Promise<never> {
    for (;;) {
      const { docker, name } = this.#plan.value;
      const isOther = (next: AppliedPlan) =>
        !isDeepStrictEqual([next.docker, docker && next.name], [docker, docker && name]);
      this.all.set(this.#ofPlan(await this.#plan.until(isOther, signal)));
    }
  }
}

function containersOf(
  docker: DockerSettings,
  name: string,
  loop: Liveness,
  { clock, random, log }: Pick<PresenceDeps, "clock" | "random" | "log">,
): Discovery<CheckConfig> {
  const reports = new FaultReports(docker.socket, log, clock);
  const reporter = withLiveness(reports.reporter(), loop);
  let isKnown = false;
  const consequence = () =>
    isKnown ? "the last known state is kept" : "no container is registered yet";
  return kinds.docker.create(docker, {
    ...{ clock, random, ownAddresses, readCheck: readLabelCheck, hostName: name },
    onFault: (fault, waitMs) => reporter.report(fault, waitMs, consequence()),
    onWorking: () => {
      isKnown = true;
      reporter.resolved();
    },
  });
}

/**
 * Keeps `found` equal to the instances of all discoveries, and logs each change. What the one before has found stays until a discovery
 * that replaces it has completed.
 */
export async function discover(
  discoveries: Cell<readonly Discovery<CheckConfig>[]>,
  found: Cell<FoundByAll>,
  { log, clock }: Pick<PresenceDeps, "log" | "clock">,
  signal: AbortSignal,
): Promise<void> {
  const parts: Discovered<CheckConfig>[] = [];
  const update = () => {
    const all = discoveries.value.map((_, i) => parts[i] ?? emptyDiscoveries);
    const before = found.value;
    const joined = join(all);
    found.set({
      found: joined.found,
      quarantined: withSince(before.quarantined, joined.quarantined, clock.now()),
      isComplete: !all.includes(emptyDiscoveries),
    });
    logInstances(before.found, found.value.found, log);
    logQuarantined(before.quarantined, found.value.quarantined, log);
  };
  const follow = async (discovery: Discovery<CheckConfig>, s: AbortSignal) => {
    const place = discoveries.value.indexOf(discovery);
    for await (const discovered of discovery.discover(s)) {
      parts[place] = discovered;
      update();
    }
  };
  const forget = async (s: AbortSignal) => {
    for (let { version } = discoveries; ; { version } = discoveries) {
      await discoveries.newer(version, s);
      parts.length = Math.min(parts.length, discoveries.value.length);
      update();
    }
  };
  await runAll(signal, (s) => runEach(discoveries, follow, s), forget);
}

/** The items with the time since when each is quarantined for the same reason. */
function withSince(
  before: readonly QuarantinedSince[],
  after: readonly QuarantinedItem[],
  nowMs: number,
): readonly QuarantinedSince[] {
  const known = new Map(before.map(({ what, why, sinceMs }) => [`${what}: ${why}`, sinceMs]));
  return after.map(({ what, why }) => {
    return { what, why, sinceMs: known.get(`${what}: ${why}`) ?? nowMs };
  });
}

function logInstances(
  before: readonly FoundInstance[],
  after: readonly FoundInstance[],
  log: Log,
): void {
  const known = new Map(before.map((one) => [nameOf(one.instance), one]));
  const kept = new Set<string>();
  for (const one of after) {
    const name = nameOf(one.instance);
    const last = known.get(name);
    // Another run is another instance of that name.
    if (last && last.run === one.run) kept.add(name);
  }
  for (const id of known.keys()) {
    if (!kept.has(id)) log.info("instance_gone", `${id} is gone`, { id });
  }
  for (const one of after) {
    const name = nameOf(one.instance);
    if (!kept.has(name)) logDiscovered(name, one, log);
    else if (known.get(name)?.standing !== one.standing) logState(name, one, log);
  }
}

function logDiscovered(id: string, { standing }: FoundInstance, log: Log): void {
  const { state } = standing;
  if (standing.state === "up") {
    log.debug("discovered", `discovered ${id}`, { id, state });
    return;
  }
  const { why } = standing;
  log.info("discovered", `discovered ${id} (${state}: ${why})`, { id, state, why });
}

function logState(id: string, { standing }: FoundInstance, log: Log): void {
  const { state } = standing;
  const why = standing.state === "up" ? "" : standing.why;
  log.info("instance_state", `${id} is ${state}${why && ` (${why})`}`, { id, state, why });
}

/** More quarantined things at once are one log line, with so many examples. */
const mostLines = 3;

function logQuarantined(
  before: readonly QuarantinedItem[],
  after: readonly QuarantinedItem[],
  log: Log,
): void {
  const known = new Set(before.map(({ what, why }) => `${what}: ${why}`));
  const fresh = after.filter(({ what, why }) => !known.has(`${what}: ${why}`));
  if (fresh.length > mostLines) {
    const count = fresh.length;
    const examples = fresh
      .slice(0, mostLines)
      .map(({ what, why }) => shortened(`${what}: ${why}`, 300));
    const sentence = `${count} containers or labels are quarantined: ${andMore(examples, count)}`;
    log.warn("quarantined", sentence, { count, examples });
    return;
  }
  for (const { what, why } of fresh) {
    log.warn("quarantined", `${what} is quarantined: ${why}`, { what, why });
  }
}
