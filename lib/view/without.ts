import type { Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** The services and keys without some entries. */
export function without(pools: Pools, keys: ReadonlySet<string>): Pools {
  if (keys.size === 0) return pools;
  const { snapshot } = pools;
  const { revision } = snapshot;
  const gone = [...keys];
  return {
    ...pools,
    snapshot: snapshot.after({ kind: "delta", revision, put: new Map(), gone }),
    byName: new Map([...pools.byName].flatMap(([name, pool]) => remaining(name, pool, keys))),
  };
}

/** A service that loses no entry keeps its identity; a service that loses all of them is absent. */
function remaining(name: string, pool: Pool, keys: ReadonlySet<string>): [string, Pool][] {
  const instances = pool.instances.filter(({ key }) => !keys.has(key));
  if (instances.length === pool.instances.length) return [[name, pool]];
  return instances.length === 0 ? [] : [[name, { name, instances }]];
}
