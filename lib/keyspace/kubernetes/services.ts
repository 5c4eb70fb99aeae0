import { type Entry, isWithin } from "../../model/entry.ts";
import type { SliceChange } from "./follow-slices.ts";
import { type Slice, valuesOf } from "./slice.ts";

/** The new and changed entries, and the keys of the removed ones. */
export interface EntryChanges {
  readonly put: ReadonlyMap<string, Entry>;
  readonly gone: readonly string[];
}

/** The slices of services, and the entries that follow from them. Only services whose slices change are computed again. */
export class ServiceEntries {
  readonly #folders: readonly string[];
  readonly #slices = new Map<string, Slice>();
  readonly #values = new Map<string, ReadonlyMap<string, string>>();

  /** Entries outside of the folders are left out. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** The changes of the entries that follow from a change of the slices. */
  after(change: SliceChange): EntryChanges {
    const before = "all" in change ? [...this.#slices.values()] : this.#named(change.name);
    const now = "all" in change ? change.all : [change.slice ?? []].flat();
    for (const { name } of before) this.#slices.delete(name);
    for (const slice of now) this.#slices.set(slice.name, slice);
    const services = new Set([...before, ...now].map(({ service }) => service));
    return this.#changesOf(services, change.revision);
  }

  #named(name: string): readonly Slice[] {
    return [this.#slices.get(name) ?? []].flat();
  }

  #changesOf(services: ReadonlySet<string>, revision: string): EntryChanges {
    const slices = Map.groupBy(this.#slices.values(), ({ service }) => service);
    const put = new Map<string, Entry>();
    const gone: string[] = [];
    for (const service of services) {
      const before = this.#values.get(service) ?? new Map<string, string>();
      const now = valuesOf(service, slices.get(service) ?? []);
      if (now.size > 0) this.#values.set(service, now);
      else this.#values.delete(service);
      for (const [key, value] of now) {
        if (before.get(key) !== value && this.#covers(key)) put.set(key, { key, value, revision });
      }
      gone.push(...[...before.keys()].filter((key) => !now.has(key) && this.#covers(key)));
    }
    return { put, gone };
  }

  #covers(key: string): boolean {
    return this.#folders.some((folder) => isWithin(key, folder));
  }
}
