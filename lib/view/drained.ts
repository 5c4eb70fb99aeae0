import { canonicalAddress } from "../model/endpoint.ts";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";
import { difference } from "./difference.ts";

/** By key of a drained instance, the revision of its entry. */
export type Drained = ReadonlyMap<string, string>;

/** The drained ones among the instances that a service had last. */
interface Latest {
  readonly instances: readonly Endpoint[];
  readonly drained: ReadonlySet<Endpoint>;
}

/**
 * Finds the drained instances (weight 0). One that is not served is drained, too, unless its address takes requests under another
 * key. Only the services that have changed are searched, and of those the instances that have.
 */
export class DrainedFinder {
  readonly #known = new WeakMap<Pool, readonly string[]>();
  readonly #found = new WeakMap<Pools, Drained>();
  /** By service. */
  readonly #latest = new Map<string, Latest>();

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
    if (this.#latest.size > byName.size) {
      for (const name of this.#latest.keys()) if (!byName.has(name)) this.#latest.delete(name);
    }
    return found;
  }

  #keysIn(pool: Pool): readonly string[] {
    const known = this.#known.get(pool);
    if (known) return known;
    const { name, instances, unserved = [] } = pool;
    const drained = drainedIn(instances, this.#latest.get(name));
    this.#latest.set(name, { instances, drained });
    const idle = unserved.filter(isDrained);
    const isServed = idle.length > 0 ? servedAddresses(instances) : undefined;
    const lost = idle.filter((one) => !isServed?.has(canonicalAddress(one)));
    const keys = [...drained, ...lost].map(({ key }) => key).sort();
    this.#known.set(pool, keys);
    return keys;
  }
}

function drainedIn(
  instances: readonly Endpoint[],
  latest: Latest | undefined,
): ReadonlySet<Endpoint> {
  if (!latest) return new Set(instances.filter(isDrained));
  const { removed, added, changed } = difference(latest.instances, instances);
  const drained = new Set(latest.drained);
  for (const one of removed) drained.delete(one);
  for (const [one] of changed) drained.delete(one);
  for (const one of [...added, ...changed.map(([, now]) => now)])
    if (isDrained(one)) drained.add(one);
  return drained;
}

function isDrained({ weight }: Endpoint): boolean {
  return weight === 0;
}

function servedAddresses(instances: readonly Endpoint[]): ReadonlySet<string> {
  return new Set(instances.filter(({ weight }) => weight > 0).map(canonicalAddress));
}
