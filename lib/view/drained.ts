import { canonicalAddress } from "../model/endpoint.ts";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** By key of a drained instance, the revision of its entry. */
export type Drained = ReadonlyMap<string, string>;

/**
 * Finds the drained instances (weight 0). One that is not served is drained, too, unless its address takes requests under another
 * key. Only the services that have changed are searched.
 */
export class DrainedFinder {
  readonly #known = new WeakMap<Pool, readonly string[]>();
  readonly #found = new WeakMap<Pools, Drained>();

  /** The same map for the same services. */
  in(pools: Pools): Drained {
    const known = this.#found.get(pools) ?? this.#find(pools);
    this.#found.set(pools, known);
    return known;
  }

  #find({ byName, snapshot }: Pools): Drained {
    const found = new Map<string, string>();
    for (const pool of byName.values()) {
      for (const key of this.#keysIn(pool)) {
        const entry = snapshot.get(key);
        if (entry) found.set(key, entry.revision);
      }
    }
    return found;
  }

  #keysIn(pool: Pool): readonly string[] {
    const known = this.#known.get(pool);
    if (known) return known;
    const { instances, unserved = [] } = pool;
    const isServed = unserved.length > 0 ? servedAddresses(instances) : undefined;
    const idle = unserved.filter((one) => !isServed?.has(canonicalAddress(one)));
    const keys = [...instances, ...idle].flatMap(({ weight, key }) => (weight === 0 ? [key] : []));
    this.#known.set(pool, keys);
    return keys;
  }
}

function servedAddresses(instances: readonly Endpoint[]): ReadonlySet<string> {
  return new Set(instances.filter(({ weight }) => weight > 0).map(canonicalAddress));
}
