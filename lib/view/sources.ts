import type { DecodeOptions } from "../model/decode.ts";
import { folderAbove, isWithin, isWithinAny, outermost } from "../model/entry.ts";
import type { Endpoint } from "../model/pool.ts";
import { emptyMemo, type Memo } from "./memo.ts";

/** A folder with instances of a service: the entries directly in it. */
export interface SourceFolder extends DecodeOptions {
  readonly path: string;
}

/** Where the instances of a service are. */
export interface Source {
  readonly folders: readonly SourceFolder[];
  /** `union`: the instances of all folders; `first`: those of the first folder that has any. */
  readonly mode: "union" | "first";
  /** The instances where no folder has any: they have no entries, and keys that are none. */
  readonly instances: readonly Endpoint[];
}

/** The sources by name of service. */
export type NamedSources = Readonly<Record<string, Source>>;

/** A folder of a service, with what was decoded of it: the same entry may belong to several services. */
export interface ServiceFolder extends SourceFolder {
  readonly memo: Memo;
}

/** Where the instances of all services are: below one folder, and in any others. Finding the services of a key takes no search. */
export class Sources {
  /** Each of its sub-folders is a service, unless a source has the name; false if there are only sources. */
  readonly folder: string | false;
  readonly named: ReadonlyMap<string, Source>;
  /** All folders with instances, none of them within another. */
  readonly folders: readonly string[];
  readonly #members: ReadonlyMap<string, readonly ServiceFolder[]>;
  /** The names of the services that have instances in a folder. */
  readonly #names = new Map<string, string[]>();
  /** By prefixes, the names of the sources that are not within them. */
  readonly #hidden = new WeakMap<readonly string[], ReadonlySet<string>>();

  constructor(folder: string | false, named: NamedSources = {}) {
    this.folder = folder;
    this.named = new Map(Object.entries(named));
    this.#members = new Map(
      Array.from(this.named, ([name, { folders }]) => [
        name,
        folders.map((one) => ({ ...one, memo: emptyMemo() })),
      ]),
    );
    for (const [name, members] of this.#members) {
      for (const { path } of members) {
        const names = this.#names.get(path) ?? [];
        this.#names.set(path, [...names, name]);
      }
    }
    this.folders = outermost([...(folder === false ? [] : [folder]), ...this.#names.keys()]);
  }

  /** The folders of a service that is a source; undefined for any other. */
  foldersOf(service: string): readonly ServiceFolder[] | undefined {
    return this.#members.get(service);
  }

  /** The path of a service for people: the first of its folders, or its setting. */
  placeOf(service: string): string {
    const members = this.#members.get(service);
    if (!members) return `${this.folder}/${service}`;
    return members[0]?.path ?? `watch.sources.${service}`;
  }

  /** The services that an entry belongs to: `web` for `/services/web/10.0.0.1:80`. */
  *servicesOf(key: string): Generator<string> {
    const { folder } = this;
    if (folder !== false && key.startsWith(`${folder}/`)) {
      const end = key.indexOf("/", folder.length + 1);
      const name = end === -1 ? undefined : key.slice(folder.length + 1, end);
      if (name !== undefined && !this.named.has(name)) yield name;
    }
    if (this.#names.size > 0) yield* this.#names.get(folderAbove(key)) ?? [];
  }

  /** Whether a key is that of an instance, or at least in the folder of the services: any other key is a setting. */
  covers(key: string): boolean {
    const { folder } = this;
    return (folder !== false && isWithin(key, folder)) || this.#names.has(folderAbove(key));
  }

  /** The sources that have a folder outside of these prefixes. */
  hiddenBy(prefixes: readonly string[]): ReadonlySet<string> {
    const known = this.#hidden.get(prefixes);
    if (known) return known;
    const names = [...this.named].flatMap(([name, { folders }]) =>
      folders.every(({ path }) => isWithinAny(path, prefixes)) ? [] : [name],
    );
    const hidden = new Set(names);
    this.#hidden.set(prefixes, hidden);
    return hidden;
  }
}
