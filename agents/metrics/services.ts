import type { ByState } from "../../lib/metrics/service-gauge.ts";
import type { Pool } from "../../lib/model/pool.ts";
import type { InstanceStatus } from "../../lib/status/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";

/** Each instance of a presence agent is in one of these states. */
export const instanceStates = ["healthy", "unhealthy", "unknown", "draining"] as const;

/** What a watcher does with the entries of a service. */
export const serviceStates = ["serving", "draining", "retained", "quarantined"] as const;

const stateOfVerdict = { up: "healthy", down: "unhealthy", unknown: "unknown" } as const;

/** The instances of each service by state. */
export function instancesByService(
  instances: readonly InstanceStatus[],
): ReadonlyMap<string, ByState> {
  const byService = new Map<string, Record<string, number>>();
  for (const { name, verdict, draining } of instances) {
    const service = name.slice(0, name.lastIndexOf("/"));
    const counts = byService.get(service) ?? {};
    const state = draining ? "draining" : stateOfVerdict[verdict];
    counts[state] = (counts[state] ?? 0) + 1;
    byService.set(service, counts);
  }
  return byService;
}

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
