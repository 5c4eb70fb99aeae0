import { canonicalAddress } from "../model/endpoint.ts";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** Finds instances that take requests. Services that have not changed are indexed once. */
export class ServedFinder {
  readonly #known = new WeakMap<Pool, ReadonlySet<string>>();

  /**
   * The revision of the entry whose instance takes requests, also where its address is served under another key; undefined if none
   * does. One to which a policy of this watcher gives nothing is not waited for: it counts as served.
   */
  revisionOf(key: string, { byName, snapshot, weightings }: Pools): string | undefined {
    const entry = snapshot.get(key);
    if (!entry) return undefined;
    for (const of of weightings?.values() ?? [])
      if (of.get(key)?.weight === 0) return entry.revision;
    for (const pool of byName.values()) if (this.#keysIn(pool).has(key)) return entry.revision;
    return undefined;
  }

  #keysIn(pool: Pool): ReadonlySet<string> {
    const known = this.#known.get(pool);
    if (known) return known;
    const { instances, unserved = [] } = pool;
    const served = instances.filter(takesRequests);
    const addresses = new Set(unserved.length > 0 ? served.map(canonicalAddress) : []);
    const aliases = unserved.filter(
      (one) => one.weight > 0 && addresses.has(canonicalAddress(one)),
    );
    const keys = new Set([...served, ...aliases].map((one) => one.key));
    this.#known.set(pool, keys);
    return keys;
  }
}

function takesRequests({ weight, retained }: Endpoint): boolean {
  return weight > 0 && !retained;
}
