import { canonicalAddress } from "../model/endpoint.ts";
import type { Endpoint } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** The instances of each key, also those whose address another key has: an entry may be one of several services. */
export function endpointsByKey({ byName }: Pools): ReadonlyMap<string, readonly Endpoint[]> {
  const found = new Map<string, Endpoint[]>();
  for (const { instances, unserved = [] } of byName.values()) {
    for (const one of [...instances, ...unserved]) {
      const known = found.get(one.key);
      if (known) known.push(one);
      else found.set(one.key, [one]);
    }
  }
  return found;
}

/** Addresses of instances. */
export interface Addresses {
  /** Of drained instances (weight 0), unless they take requests as instances of another service or key. */
  readonly idle: ReadonlySet<string>;
  readonly served: ReadonlySet<string>;
}

export function addressesIn({ byName }: Pools): Addresses {
  const [idle, served] = [new Set<string>(), new Set<string>()];
  for (const { instances, unserved = [] } of byName.values()) {
    for (const one of instances) (one.weight > 0 ? served : idle).add(canonicalAddress(one));
    for (const one of unserved) if (one.weight === 0) idle.add(canonicalAddress(one));
  }
  return { idle: idle.difference(served), served };
}
