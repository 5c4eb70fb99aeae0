import type { Current } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { FoundInstance } from "../../lib/discover/contract.ts";
import { explain, sinceMsOf } from "../../lib/health/combine.ts";
import type { Check, Health } from "../../lib/health/contract.ts";
import type { Reading } from "../../lib/model/verdict.ts";
import type { Requested } from "../../lib/presence/contract.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import { weightOf } from "../../lib/presence/weight.ts";
import type { UnservedStatus } from "../../lib/status/contract.ts";
import type { InstanceFacts, MountFacts, ReportFacts } from "../../lib/status/facts.ts";
import { Liveness } from "../../lib/status/liveness.ts";
import type { AgentFacts } from "../status.ts";
import type { PresenceDeps, PresenceState } from "./state.ts";

/** The loops of presence that are part of its status. */
export class PresenceLoops {
  readonly checks: Liveness;
  readonly registration: Liveness;
  readonly ownKeys: Liveness;
  /** Saves what was requested. It has nothing to report until that is the case. */
  readonly requested: Liveness;

  readonly #plan: Current<Pick<PresencePlan, "docker">>;
  readonly #containers: Liveness;
  readonly #labelChecks: Liveness;

  /** `folder` is the one at which the keyspace is mounted; empty for the keyspace of all other paths. */
  constructor(plan: Current<Pick<PresencePlan, "docker">>, clock: Clock, folder = "") {
    this.#plan = plan;
    const named = (name: string) => (folder === "" ? name : `${name} (${folder})`);
    this.checks = new Liveness(named("health checks"), clock);
    this.registration = new Liveness(named("registering"), clock);
    this.ownKeys = new Liveness(named("following registered keys"), clock);
    this.requested = new Liveness(named("saving requested drains and weights"), clock);
    this.#containers = new Liveness("following containers", clock);
    this.#labelChecks = new Liveness("checks of containers' labels", clock);
    this.ownKeys.deadline();
  }

  /** Undefined where no container engine is followed. */
  get containers(): Liveness | undefined {
    return this.#plan.value.docker && this.#containers;
  }

  /** Whether the checks that labels ask for run in time. Undefined where no container engine is followed. */
  get labelChecks(): Liveness | undefined {
    return this.#plan.value.docker && this.#labelChecks;
  }

  get all(): readonly Liveness[] {
    const { containers, checks, labelChecks, registration, ownKeys, requested } = this;
    const isUsed = requested.facts().state !== "unknown";
    const all = [containers, checks, labelChecks, registration, ownKeys];
    return [...all, isUsed ? requested : undefined].filter((loop) => loop !== undefined);
  }
}

/** How much longer than its time limit a probe may take before its loop counts as stalled, in milliseconds. */
const graceMs = 10_000;

/** A check with probes that count as work of a loop; `onReading` takes each reading. */
export function trackedCheck(
  check: Check,
  timeoutMs: number,
  loop: Liveness,
  onReading: (reading: Reading) => void,
): Check {
  return {
    title: check.title,
    async probe(signal) {
      const reading = await loop.track(timeoutMs + graceMs, check.probe(signal));
      onReading(reading);
      return reading;
    },
  };
}

/** What applies to instances beyond discovery and configuration. */
interface OperatedFacts extends Requested {
  /** The watchers that drains wait for, by instance. */
  readonly waitingFor: ReadonlyMap<string, readonly string[]>;
  /** The instances that readiness waits for; undefined where it waits for none. */
  readonly unserved?: readonly UnservedStatus[] | undefined;
  /** What proxies report of an instance; undefined if they report nothing. */
  readonly reportOn?: (one: FoundInstance) => ReportFacts | undefined;
}

/** What status reports of presence. */
export function presenceFacts(
  placing: Placing,
  {
    found,
    health,
    confirmed,
    everConfirmed,
    held,
  }: Pick<PresenceState, "found" | "health" | "confirmed" | "everConfirmed" | "held">,
  { draining, weights, waitingFor, unserved, reportOn }: OperatedFacts,
  loops: PresenceLoops,
  {
    folder,
    url,
    destinations,
  }: Pick<MountFacts, "folder" | "url"> & Pick<PresenceDeps, "destinations"> = {
    folder: "",
    url: "",
  },
): AgentFacts {
  const { quarantined, isComplete } = found.value;
  const { keyOf } = placesOf(placing);
  const list = () =>
    found.value.found.map((one) => {
      const name = nameOf(one.instance);
      const key = keyOf(name);
      const standbyFor = held.value.owners.get(key);
      const [drain, weight] = [draining.get(name), weightOf(one, weights)];
      const places = destinations?.stateOf(name) ?? [];
      const report = reportOn?.(one);
      return {
        ...healthOf(one, name, health.value),
        registered:
          confirmed.value.has(key) &&
          (drain !== undefined || places.every(({ isRegistered }) => isRegistered)),
        wasRegistered:
          everConfirmed.value.has(key) && places.every(({ wasRegistered }) => wasRegistered),
        ...(places.length > 0 && { destinations: places }),
        ...(standbyFor !== undefined && { standbyFor }),
        draining: drain !== undefined,
        ...(drain && { drain: { ...drain, waitingFor: waitingFor.get(name) ?? [] } }),
        ...(weight && { requestedWeight: weight }),
        ...(report && { proxies: report }),
      };
    });
  let instances: readonly InstanceFacts[] | undefined;
  return {
    loops: loops.all.map((loop) => loop.facts()),
    keyspaceLoops: folder === "" ? [loops.ownKeys.facts()] : [],
    ...(folder !== "" && { mounts: [{ folder, url, loops: [loops.ownKeys.facts()] }] }),
    presence: {
      // Not before it is read: `/healthz` does without the list, which may be long.
      get instances() {
        instances ??= list();
        return instances;
      },
      ...(destinations && { destinations: destinations.facts }),
      quarantined,
      isComplete,
      ...(unserved && { unserved }),
    },
  };
}

/** A container that the engine reports as down is unhealthy, whatever its checks conclude. */
function healthOf(
  { standing }: FoundInstance,
  name: string,
  health: ReadonlyMap<string, Health>,
): Pick<InstanceFacts, "name" | "verdict" | "sinceMs" | "why"> {
  if (standing.state === "down")
    return { name, verdict: "down", sinceMs: undefined, why: standing.why };
  const known = health.get(name);
  return known
    ? { name, verdict: known.verdict, sinceMs: sinceMsOf(known), why: explain(known) }
    : { name, verdict: "unknown", sinceMs: undefined, why: "" };
}
