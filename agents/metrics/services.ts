import type { ByState } from "../../lib/metrics/service-gauge.ts";
import type { Pool } from "../../lib/model/pool.ts";
import type { InstanceStatus } from "../../lib/status/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";

/** Each instance of a presence agent is in one of these states. */
export const instanceStates = ["healthy", "unhealthy", "unknown", "draining"] as const;

/** What a watcher does with the entries of a service. */
export const serviceStates = ["serving", "draining", "retained", "quarantined"] as const;

const stateOfVerdict = { up: "healthy", down: "unhealthy", unknown: "unknown" } as const;

type Counts = Record<(typeof instanceStates)[number], number>;

/**
 * Counts the instances of each service by state. It remembers of which service the instance at each place was: few names change from
 * one count to the next, and cutting thousands of them takes longer than all the rest.
 */
export class InstanceCounter {
  readonly #byService = new Map<string, Counts>();
  readonly #names: string[] = [];
  readonly #ofPlace: Counts[] = [];

  /** The result is valid until the next count. */
  count(instances: readonly InstanceStatus[]): ReadonlyMap<string, ByState> {
    for (const counts of this.#byService.values()) Object.assign(counts, zero);
    instances.forEach(({ name, verdict, draining }, i) => {
      const known = this.#names[i] === name ? this.#ofPlace[i] : undefined;
      const counts = known ?? this.#remember(i, name);
      counts[draining ? "draining" : stateOfVerdict[verdict]] += 1;
    });
    this.#names.length = instances.length;
    this.#ofPlace.length = instances.length;
    for (const [service, counts] of this.#byService) {
      if (instanceStates.every((state) => counts[state] === 0)) this.#byService.delete(service);
    }
    return this.#byService;
  }

  #remember(place: number, name: string): Counts {
    const service = name.slice(0, name.lastIndexOf("/"));
    const counts = this.#byService.get(service) ?? { ...zero };
    this.#byService.set(service, counts);
    this.#names[place] = name;
    this.#ofPlace[place] = counts;
    return counts;
  }
}

const zero: Readonly<Counts> = { healthy: 0, unhealthy: 0, unknown: 0, draining: 0 };

/** Pools are replaced when they change. */
const counted = new WeakMap<Pool, ByState>();

/** The entries of each service by state. The work follows the number of services, and of instances that have changed. */
export function entriesByService({ byName, quarantined }: Pools): ReadonlyMap<string, ByState> {
  const byService = new Map<string, ByState>();
  for (const [service, pool] of byName) byService.set(service, stateCounts(pool));
  for (const [service, entries] of quarantined) {
    if (service === "/") continue;
    const rejected = entries.filter(({ isPartial }) => !isPartial);
    const count = rejected.reduce((sum, { count = 1 }) => sum + count, 0);
    byService.set(service, { ...byService.get(service), quarantined: count });
  }
  return byService;
}

function stateCounts(pool: Pool): ByState {
  const known = counted.get(pool);
  if (known) return known;
  let [serving, draining, retained] = [0, 0, 0];
  for (const instance of pool.instances) {
    if (instance.retained) retained += 1;
    else if (instance.weight === 0) draining += 1;
    else serving += 1;
  }
  const counts = { serving, draining, retained };
  counted.set(pool, counts);
  return counts;
}
