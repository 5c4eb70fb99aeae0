import { isIP } from "node:net";
import type { Endpoint, Pool } from "../../model/pool.ts";
import type { Resolution } from "../../model/resolution.ts";
import type { Pools } from "../contract.ts";
import { difference } from "../difference.ts";
import { type OddKind, oddKind } from "./odd-address.ts";
import { isForeign, type OwnHost } from "./own-host.ts";

/** An instance that is served, although it points to an address that means another machine to each reader. */
export interface Doubt {
  readonly key: string;
  readonly revision: string;
  /** A clause. */
  readonly why: string;
}

/** The instances of a service that may be odd: their host is an odd address, or a name. */
interface Suspects {
  readonly pool: Pool;
  readonly byKey: ReadonlyMap<string, Endpoint>;
}

/** Finds odd instances that other hosts have registered. Only instances that have changed are looked at. */
export class Doubts {
  readonly #own: OwnHost;
  #suspects: ReadonlyMap<string, Suspects> = new Map();

  constructor(own: OwnHost) {
    this.#own = own;
  }

  /** `resolution` has the addresses of host names, as far as they were looked up. */
  in({ byName, snapshot }: Pools, resolution: Resolution): readonly Doubt[] {
    const now = new Map<string, Suspects>();
    for (const [name, pool] of byName) {
      now.set(name, suspectsOf(pool, this.#suspects.get(name)));
    }
    this.#suspects = now;
    const doubts = new Map<string, Doubt>();
    for (const { byKey } of now.values()) {
      for (const one of byKey.values()) {
        const { key, address } = one;
        const kind = kindOf(one, resolution);
        if (!kind || one.retained || !isForeign(one, this.#own)) continue;
        const entry = snapshot.get(key);
        if (!entry) continue;
        const why = `${address} means the ${phrases[kind]} of each host that reads it`;
        doubts.set(key, { key, revision: entry.revision, why });
      }
    }
    return [...doubts.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

const phrases: Readonly<Record<OddKind, string>> = {
  "metadata service": "metadata service",
  loopback: "loopback interface",
  "link-local": "own link",
};

function suspectsOf(pool: Pool, before: Suspects | undefined): Suspects {
  if (before?.pool === pool) return before;
  const { removed, added, changed } = difference(before?.pool.instances ?? [], pool.instances);
  const byKey = new Map(before?.byKey);
  for (const { key } of removed) byKey.delete(key);
  for (const one of [...added, ...changed.map(([, after]) => after)]) {
    if (isIP(one.host) === 0 || oddKind(one.host)) byKey.set(one.key, one);
    else byKey.delete(one.key);
  }
  return { pool, byKey };
}

function kindOf({ host }: Endpoint, resolution: Resolution): OddKind | undefined {
  const direct = oddKind(host);
  if (direct || isIP(host) !== 0) return direct;
  const state = resolution.get(host);
  if (!state || "why" in state) return undefined;
  return state.addresses.map(oddKind).find((kind) => kind !== undefined);
}
