import { isWithin } from "../model/entry.ts";
import { compileGlob } from "./glob.ts";

/** The keys that a rendering has read by themselves, and not as instances of a service. */
export interface Reads {
  /** Whether an entry with this key would have been read: also of a key that does not exist. */
  covers(key: string): boolean;
}

export const noReads: Reads = { covers: () => false };

/** Records what a rendering reads. */
export class ReadRecord implements Reads {
  readonly #keys = new Set<string>();
  readonly #globs = new Set<string>();
  readonly #folders = new Set<string>();

  key(key: string): void {
    this.#keys.add(key);
  }

  glob(glob: string): void {
    this.#globs.add(glob);
  }

  folder(folder: string): void {
    this.#folders.add(folder);
  }

  covers(key: string): boolean {
    if (this.#keys.has(key)) return true;
    for (const folder of this.#folders) if (isWithin(key, folder)) return true;
    for (const glob of this.#globs) if (compileGlob(glob).matches(key)) return true;
    return false;
  }
}
