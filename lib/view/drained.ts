import type { Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** By key of a drained instance, the revision of its entry. */
export type Drained = ReadonlyMap<string, string>;

/** Finds the drained instances (weight 0). Only the services that have changed are searched. */
export class DrainedFinder {
  readonly #known = new WeakMap<Pool, readonly string[]>();

  in({ byName, snapshot }: Pools): Drained {
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
    const keys = pool.instances.filter(({ weight }) => weight === 0).map(({ key }) => key);
    this.#known.set(pool, keys);
    return keys;
  }
}
