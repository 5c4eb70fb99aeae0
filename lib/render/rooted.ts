import { isWithin } from "../model/entry.ts";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { RootMemo, Snapshot } from "../model/snapshot.ts";

/**
 * The folder of the keyspace that a template sees as `/`: keys are shortened on the way to the template, and completed where
 * its results name entries. Unchanged entries and services keep their identity.
 */
export class Root {
  /** The empty string for the root of the keyspace. */
  readonly folder: string;
  readonly #memo: RootMemo = { runs: new WeakMap(), entries: new WeakMap() };
  readonly #pools = new WeakMap<Pool, Pool>();
  readonly #endpoints = new WeakMap<Endpoint, Endpoint>();
  readonly #lists = new WeakMap<readonly Pool[], readonly Pool[]>();

  constructor(folder: string) {
    this.folder = folder;
  }

  snapshot(whole: Snapshot): Snapshot {
    return this.folder === "" ? whole : whole.rootedAt(this.folder, this.#memo);
  }

  services(pools: readonly Pool[]): readonly Pool[] {
    if (this.folder === "") return pools;
    return remembered(this.#lists, pools, () => pools.map((pool) => this.#pool(pool)));
  }

  /** The key in the keyspace of one that a template names. An instance without an entry has a key that is none. */
  whole(key: string): string {
    return key.startsWith("/") ? `${this.folder}${key}` : key;
  }

  /** The key as the template names it; undefined if it is outside of the root. */
  short(key: string): string | undefined {
    return isWithin(key, this.folder) ? key.slice(this.folder.length) : undefined;
  }

  #pool(pool: Pool): Pool {
    return remembered(this.#pools, pool, () => {
      return { ...pool, instances: pool.instances.map((one) => this.#endpoint(one)) };
    });
  }

  #endpoint(endpoint: Endpoint): Endpoint {
    return remembered(this.#endpoints, endpoint, () => {
      const { key, resolved } = endpoint;
      const short = { ...endpoint, key: this.short(key) ?? key };
      return resolved ? { ...short, resolved: resolved.map((one) => this.#endpoint(one)) } : short;
    });
  }
}

function remembered<Key extends object, Value>(
  memo: WeakMap<Key, Value & object>,
  key: Key,
  make: () => Value & object,
): Value {
  const known = memo.get(key);
  if (known) return known;
  const made = make();
  memo.set(key, made);
  return made;
}
