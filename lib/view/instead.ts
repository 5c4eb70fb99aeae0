import type { Endpoint, Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";
import { sortedByName } from "./pools.ts";

/**
 * The services and keys of `pools`, with some instances as they are in `previous`: in their earlier state, or absent. A
 * service that has none of them keeps its identity.
 */
export function instead(pools: Pools, previous: Pools, keys: ReadonlySet<string>): Pools {
  if (keys.size === 0) return pools;
  const { sources, snapshot } = pools;
  const { revision } = snapshot;
  const earlier = [...keys].flatMap((key) => previous.snapshot.get(key) ?? []);
  const put = new Map(earlier.map((entry) => [entry.key, entry]));
  const gone = [...keys].filter((key) => !put.has(key));
  const byName = new Map(pools.byName);
  const names = [...keys].flatMap((key) => [...sources.servicesOf(key)]);
  for (const name of new Set(names)) {
    const pool = mixed(name, pools.byName.get(name), previous.byName.get(name), keys);
    if (pool) byName.set(name, pool);
    else byName.delete(name);
  }
  const hasMore = byName.size > pools.byName.size;
  return {
    ...pools,
    byName: hasMore ? sortedByName(byName) : byName,
    snapshot: snapshot.after({ kind: "delta", revision, put, gone }),
  };
}

/** A service without the instances of `keys`, but with the ones that it had; undefined if it has none then. */
function mixed(
  name: string,
  current: Pool | undefined,
  previous: Pool | undefined,
  keys: ReadonlySet<string>,
): Pool | undefined {
  const kept = current?.instances.filter(({ key }) => !keys.has(key)) ?? [];
  const earlier = previous?.instances.filter(({ key }) => keys.has(key)) ?? [];
  if (kept.length === current?.instances.length && earlier.length === 0) return current;
  if (kept.length + earlier.length === 0) return undefined;
  const instances = [...kept, ...earlier];
  return { ...current, name, instances: earlier.length === 0 ? kept : instances.sort(byKey) };
}

function byKey(a: Endpoint, b: Endpoint): number {
  return a.key < b.key ? -1 : 1;
}
