import type { Pool } from "../../model/pool.ts";
import type { Pools } from "../contract.ts";
import { applyPolicy } from "./apply.ts";
import type { Circumstances, Policy, Ramp, Shaped, Weighting } from "./contract.ts";

/** What the policies of all services depend on. */
export interface Shaping {
  readonly policyOf: (service: string) => Policy | undefined;
  readonly placeOf: (pool: Pool) => Circumstances["place"];
  /** By key; the same object while there are none. */
  readonly rampsOf: (service: string) => ReadonlyMap<string, Ramp>;
  readonly quarantined: ReadonlySet<string>;
}

interface Known {
  readonly policy: Policy;
  readonly circumstances: Circumstances;
  readonly shaped: Shaped;
}

const noRamps: ReadonlyMap<string, Ramp> = new Map();

/** Without anything that only a running watcher knows: no instance is new, and no other watcher is there. */
export function atRest(policyOf: Shaping["policyOf"]): Shaping {
  return {
    ...{ policyOf, placeOf: () => undefined, rampsOf: () => noRamps },
    quarantined: new Set(),
  };
}

/** Applies policies to services. One of which nothing has changed keeps its identity, and costs a few comparisons. */
export class PoolShaper {
  #known: ReadonlyMap<string, Known> = new Map();
  #last: { readonly from: Pools; readonly to: Pools } | undefined;

  /** Returns `pools` itself if no service has a policy, and the same object as before if nothing has changed. */
  of(from: Pools, shaping: Shaping): Pools {
    const known = new Map<string, Known>();
    for (const [name, pool] of from.byName) {
      const policy = shaping.policyOf(name);
      const one = policy && this.#shape(pool, policy, shaping);
      if (one) known.set(name, one);
    }
    const before = this.#known;
    this.#known = known;
    const isSame = [...known].every(([name, one]) => before.get(name) === one);
    if (this.#last?.from === from && isSame && before.size === known.size) return this.#last.to;
    const to = known.size === 0 ? from : withShaped(from, known);
    this.#last = { from, to };
    return to;
  }

  #shape(pool: Pool, policy: Policy, shaping: Shaping): Known | undefined {
    const before = this.#known.get(pool.name);
    const circumstances = {
      place: policy.subset && shaping.placeOf(pool),
      ramps: policy.slowStart ? shaping.rampsOf(pool.name) : noRamps,
      quarantined: shaping.quarantined,
    };
    const isKnown =
      before?.shaped.from === pool &&
      before.policy === policy &&
      isSame(before.circumstances, circumstances);
    if (isKnown) return before;
    const shaped = applyPolicy(pool, policy, circumstances, before?.shaped);
    return shaped && { policy, circumstances, shaped };
  }
}

function isSame(a: Circumstances, b: Circumstances): boolean {
  return (
    a.place?.index === b.place?.index &&
    a.place?.count === b.place?.count &&
    a.ramps === b.ramps &&
    (a.quarantined === b.quarantined || a.quarantined.symmetricDifference(b.quarantined).size === 0)
  );
}

function withShaped(from: Pools, known: ReadonlyMap<string, Known>): Pools {
  const byName = new Map(from.byName);
  const weightings = new Map<string, ReadonlyMap<string, Weighting>>();
  for (const [name, { shaped }] of known) {
    byName.set(name, shaped.pool);
    weightings.set(name, shaped.weightings);
  }
  return { ...from, byName, weightings };
}
