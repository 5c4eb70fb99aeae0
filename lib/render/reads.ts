import type { Changes } from "../model/changes.ts";
import { folderOf, isWithin } from "../model/entry.ts";
import { compileGlob } from "./glob.ts";
import type { Keys, ReadRecorder } from "./helpers/contract.ts";

/** What a text depends on. */
export interface ReadState {
  /** Whether any of these changes is one of what was read. */
  includes(changes: Changes): boolean;
}

/** Nothing was read. */
export const noReads: ReadState = { includes: () => false };

/** All services were read, and no key by itself. */
export const allServices: ReadState = { includes: ({ services }) => services.size > 0 };

/**
 * What a rendering has read of the keyspace, also in vain: its text is another one only if that changes. In doubt it has read
 * everything, which costs a rendering and never leaves an old text.
 */
export class Reads implements ReadRecorder {
  readonly #keys = new Set<string>();
  readonly #globs = new Set<string>();
  /** Of which the names were listed, and not the values. */
  readonly #folders = new Set<string>();
  readonly #services = new Set<string>();
  #hasAllServices = false;

  service(name: string): void {
    this.#services.add(name);
  }

  allServices(): void {
    this.#hasAllServices = true;
  }

  /** The same keys; every reading is recorded. What only messages need is not. */
  recording(keys: Keys): Keys {
    return {
      get: (key) => {
        this.#keys.add(key);
        return keys.get(key);
      },
      has: (entry) => keys.has(entry),
      matching: (glob) => {
        this.#globs.add(glob);
        return keys.matching(glob);
      },
      valuesMatching: (glob) => {
        this.#globs.add(glob);
        return keys.valuesMatching(glob);
      },
      names: (folder) => {
        this.#folders.add(folderOf(folder));
        return keys.names(folder);
      },
      folders: (folder) => {
        this.#folders.add(folderOf(folder));
        return keys.folders(folder);
      },
      keysContaining: (text) => keys.keysContaining(text),
    };
  }

  /** Whether a key was read, by itself or in a list; `isNews` if it was added or removed. */
  hasKey(key: string, isNews: boolean): boolean {
    if (this.#keys.has(key)) return true;
    for (const glob of this.#globs) if (compileGlob(glob).matches(key)) return true;
    if (!isNews) return false;
    for (const folder of this.#folders) if (isWithin(key, folder)) return true;
    return false;
  }

  hasAnyOf(services: Changes["services"]): boolean {
    if (this.#hasAllServices) return services.size > 0;
    for (const name of this.#services) if (services.has(name)) return true;
    return false;
  }
}
