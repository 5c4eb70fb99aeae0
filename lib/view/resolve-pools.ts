import { isIP } from "node:net";
import { formatAddress } from "../model/endpoint.ts";
import type { Endpoint, Pool, Quarantined } from "../model/pool.ts";
import type { Resolution, Resolved } from "../model/resolution.ts";
import { serverName } from "../model/server-name.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Pools } from "./contract.ts";
import { HostNames } from "./host-names.ts";
import type { Trust } from "./trust/trust.ts";

/** The services with the addresses of their host names. */
export interface ResolvedPools {
  /** Without the instances whose host name has no address. */
  readonly pools: Pools;
  /** These instances, with the reason; not those whose name was not looked up yet. */
  readonly unresolved: readonly Quarantined[];
  /** The keys of both. */
  readonly missing: ReadonlySet<string>;
}

/** Why an instance has no address that may be used. */
type Reason = Pick<Quarantined, "why" | "isUntrusted">;

/** One service. */
interface ResolvedPool {
  /** The last resolution that gave this. */
  by: Resolution;
  /** The state of each of its names in it. */
  readonly states: readonly (Resolved | undefined)[];
  readonly pool: Pool;
  /** The instances without an address that may be used, each with its reason unless it is not known yet. */
  readonly missing: readonly (readonly [Endpoint, Reason | undefined])[];
}

const allResolved: Omit<ResolvedPools, "pools"> = { unresolved: [], missing: new Set() };

/** The services with their host names as they are. */
export function unresolved(pools: Pools): ResolvedPools {
  return { pools, ...allResolved };
}

/** Adds the addresses of host names to services. Services without host names, and without a change, cost nothing. */
export class PoolResolver {
  readonly #names = new WeakMap<Pool, readonly string[]>();
  /** By service. */
  readonly #hosts = new Map<string, HostNames>();
  readonly #resolved = new WeakMap<Pool, ResolvedPool>();
  readonly #endpoints = new WeakMap<Resolved, WeakMap<Endpoint, Endpoint>>();
  /** The lists of names whose first lookups have all ended. */
  readonly #complete = new WeakSet<readonly string[]>();
  /** The last snapshot that lacks instances. */
  #lacking:
    | { readonly from: Snapshot; readonly gone: ReadonlySet<string>; readonly to: Snapshot }
    | undefined;
  #last: { readonly from: Pools; readonly by: Resolution; readonly to: ResolvedPools } | undefined;

  /** The host names of each service that has any. The list of a service that has not changed is the same object. */
  namesIn({ byName }: Pools): ReadonlySet<readonly string[]> {
    const lists = Array.from(byName.values(), (pool) => this.#namesOf(pool));
    if (this.#hosts.size > byName.size) {
      for (const name of this.#hosts.keys()) if (!byName.has(name)) this.#hosts.delete(name);
    }
    return new Set(lists.filter(({ length }) => length > 0));
  }

  /** Whether the first lookup of a name has not ended yet. */
  isPending(pools: Pools, resolution: Resolution): boolean {
    let isPending = false;
    for (const list of this.namesIn(pools)) {
      if (this.#complete.has(list)) continue;
      if (list.every((name) => resolution.has(name))) this.#complete.add(list);
      else isPending = true;
    }
    return isPending;
  }

  /** Returns `pools` itself if no instance has a host name. */
  of(from: Pools, by: Resolution): ResolvedPools {
    const last = this.#last;
    if (last && last.from === from && last.by === by) return last.to;
    const to = this.#resolve(from, by);
    this.#last = { from, by, to };
    return to;
  }

  #resolve(pools: Pools, resolution: Resolution): ResolvedPools {
    const changed = new Map<string, Pool>();
    const missing: ResolvedPool["missing"][number][] = [];
    for (const [name, pool] of pools.byName) {
      if (this.#namesOf(pool).length === 0) continue;
      const resolved = this.#resolvedPool(pool, resolution, pools.trust);
      if (resolved.pool !== pool) changed.set(name, resolved.pool);
      for (const one of resolved.missing) missing.push(one);
    }
    if (changed.size === 0) return unresolved(pools);
    const byName = new Map<string, Pool>();
    for (const [name, pool] of pools.byName) {
      const now = changed.get(name) ?? pool;
      if (now.instances.length > 0) byName.set(name, now);
    }
    const keys = new Set(missing.map(([{ key }]) => key));
    const reasons = missing.flatMap(([one, why]) =>
      why === undefined ? [] : [quarantinedFor(one, why, pools)],
    );
    return {
      pools: { ...pools, byName, snapshot: this.#withoutKeys(pools.snapshot, keys) },
      // An entry of several services is one.
      unresolved: [...new Map(reasons.map((one) => [`${one.key} ${one.why}`, one])).values()],
      missing: keys,
    };
  }

  /** The same object for the same keys. */
  #withoutKeys(from: Snapshot, gone: ReadonlySet<string>): Snapshot {
    if (gone.size === 0) return from;
    const last = this.#lacking;
    const isSame = last?.from === from && last.gone.symmetricDifference(gone).size === 0;
    if (isSame) return last.to;
    const { revision } = from;
    const to = from.after({ kind: "delta", revision, put: new Map(), gone: [...gone] });
    this.#lacking = { from, gone, to };
    return to;
  }

  #namesOf(pool: Pool): readonly string[] {
    const known = this.#names.get(pool);
    if (known) return known;
    const hosts = this.#hosts.get(pool.name) ?? new HostNames();
    this.#hosts.set(pool.name, hosts);
    const names = hosts.in(pool.instances);
    this.#names.set(pool, names);
    return names;
  }

  #resolvedPool(pool: Pool, resolution: Resolution, trust: Trust | undefined): ResolvedPool {
    const before = this.#resolved.get(pool);
    if (before?.by === resolution) return before;
    const states = this.#namesOf(pool).map((name) => resolution.get(name));
    if (before?.states.every((state, i) => state === states[i])) {
      before.by = resolution;
      return before;
    }
    const instances: Endpoint[] = [];
    const missing: ResolvedPool["missing"][number][] = [];
    for (const one of pool.instances) {
      if (isIP(one.host) !== 0) {
        instances.push(one);
        continue;
      }
      const state = resolution.get(one.host);
      if (!state || "why" in state) {
        missing.push([one, state && unresolvable(one, state.why)]);
        continue;
      }
      const why = trust?.refusesResolved(one, state.addresses);
      if (why === undefined) instances.push(this.#withAddresses(one, state));
      else missing.push([one, { why, isUntrusted: true }]);
    }
    const resolved = { by: resolution, states, pool: { ...pool, instances }, missing };
    this.#resolved.set(pool, resolved);
    return resolved;
  }

  /** The same object for the same addresses. */
  #withAddresses(one: Endpoint, state: Resolved & { addresses: readonly string[] }): Endpoint {
    const known = this.#endpoints.get(state) ?? new WeakMap<Endpoint, Endpoint>();
    this.#endpoints.set(state, known);
    const made = known.get(one) ?? {
      ...one,
      resolved: oneFamily(state.addresses).map((host) => atAddress(one, host)),
    };
    known.set(one, made);
    return made;
  }
}

function unresolvable({ host }: Endpoint, why: string): Reason {
  return { why: `its host ${host} cannot be resolved: ${why}` };
}

function quarantinedFor({ key }: Endpoint, reason: Reason, { snapshot }: Pools): Quarantined {
  const { revision = "" } = snapshot.get(key) ?? {};
  return { key, revision, ...reason };
}

/** The IPv4 addresses, or the IPv6 ones if there are no others: with both, the same instance would count twice. */
function oneFamily(addresses: readonly string[]): readonly string[] {
  const v4 = addresses.filter((address) => isIP(address) === 4);
  return v4.length > 0 ? v4 : addresses;
}

function atAddress(one: Endpoint, host: string): Endpoint {
  const address = formatAddress({ host, port: one.port });
  return { ...one, host, address, server: serverName(address) };
}
