import type { Endpoint } from "../model/pool.ts";
import type { Pools } from "./contract.ts";
import { group } from "./group.ts";
import { sortedByName } from "./pools.ts";
import { without } from "./without.ts";

/**
 * The services and keys as they would be if the keyspace did not have some entries: an instance that is not served because of one
 * of them takes its place. `resolve` adds the addresses of host names to services with such an instance.
 */
export function withoutEntries(
  pools: Pools,
  keys: ReadonlySet<string>,
  resolve: (pools: Pools) => Pools,
): Pools {
  const remaining = without(pools, keys);
  const names = new Set([...keys].flatMap((key) => [...pools.sources.servicesOf(key)]));
  const byName = new Map(remaining.byName);
  let hasMore = false;
  for (const name of names) {
    const revealed = revealedIn(name, pools, remaining);
    if (revealed.length === 0) continue;
    const pool = remaining.byName.get(name);
    const instances = [...(pool?.instances ?? []), ...revealed];
    byName.set(name, { ...pool, name, instances: instances.sort(byKey) });
    hasMore = true;
  }
  return hasMore ? resolve({ ...remaining, byName: sortedByName(byName) }) : remaining;
}

/** The instances of a service that its remaining entries give, and which were not served before. */
function revealedIn(name: string, before: Pools, remaining: Pools): readonly Endpoint[] {
  const pool = before.byName.get(name);
  const source = before.sources.named.get(name);
  if (!source && !pool?.unserved) return [];
  const shown = pool?.instances ?? [];
  const known = new Set(group(before.snapshot, name, shown, before).instances);
  const now = group(remaining.snapshot, name, shown, before).instances;
  return now.filter((one) => !known.has(one));
}

function byKey(a: Endpoint, b: Endpoint): number {
  return a.key < b.key ? -1 : 1;
}
