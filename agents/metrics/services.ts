import type { ByState } from "../../lib/metrics/service-gauge.ts";
import type { Pool } from "../../lib/model/pool.ts";
import type { InstanceStatus } from "../../lib/status/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";

/** Each instance of a presence agent is in one of these states. */
export const instanceStates = ["healthy", "unhealthy", "unknown", "draining"] as const;

/** What a watcher does with the entries of a service. */
export const serviceStates = ["serving", "draining", "retained", "quarantined"] as const;

const stateOfVerdict = { up: "healthy", down: "unhealthy", unknown: "unknown" } as const;

/** The instances of each service by state. The ones of a service follow each other: its name is cut and looked up once. */
export function instancesByService(
  instances: readonly InstanceStatus[],
): ReadonlyMap<string, ByState> {
  const byService = new Map<string, Record<(typeof instanceStates)[number], number>>();
  let counts = { healthy: 0, unhealthy: 0, unknown: 0, draining: 0 };
  let service: string | undefined;
  for (const { name, verdict, draining } of instances) {
    const end = name.lastIndexOf("/");
    if (service?.length !== end || !name.startsWith(service)) {
      service = name.slice(0, end);
      counts = byService.get(service) ?? { healthy: 0, unhealthy: 0, unknown: 0, draining: 0 };
      byService.set(service, counts);
    }
    counts[draining ? "draining" : stateOfVerdict[verdict]] += 1;
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
