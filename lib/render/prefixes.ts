import {
  coveredBy,
  type Entry,
  FolderSet,
  isWithin,
  outermost,
  outermostPrefixes,
  ownFolder,
} from "../model/entry.ts";
import type { Chunk, Snapshot } from "../model/snapshot.ts";

/** The folders of the keyspace that a template may read, its prefixes: it sees the entries at and below each of them. */
export class Prefixes {
  /** None within another, in the order in which they are configured. */
  readonly folders: readonly string[];
  /** Whether `/` is the root of the keyspace, which has the program's own entries as well. */
  readonly #isWhole: boolean;
  readonly #set: FolderSet;

  /** `root`: the folder that the template sees as `/`; the prefixes are relative to it. */
  constructor(prefixes: readonly string[], root = "") {
    this.#isWhole = root === "";
    this.folders = this.#isWhole ? outermostPrefixes(prefixes) : outermost(prefixes);
    this.#set = new FolderSet(this.folders);
  }

  includes(key: string): boolean {
    return this.#isWhole ? coveredBy(key, this.folders) : this.#set.includes(key);
  }

  /** Whether a template sees a part of a folder: the folder is within a prefix, or a prefix is within the folder. */
  overlaps(base: string): boolean {
    return this.includes(base) || this.folders.some((folder) => isWithin(folder, base));
  }

  /** The prefixes below a folder that is in no prefix itself; empty for a folder within a prefix. */
  partsOf(base: string): readonly string[] {
    if (this.includes(base)) return [];
    return this.folders.filter((folder) => folder !== base && isWithin(folder, base));
  }

  /** Whether the template sees any of the services in a folder: it does not see one of which it sees a part. */
  seesServices(folder: string): boolean {
    const isService = (prefix: string) => !prefix.slice(folder.length + 1).includes("/");
    return this.includes(folder) || this.partsOf(folder).some(isService);
  }

  /** The entries below a folder, in key order, as runs: whole chunks are not copied. */
  *below(base: string, snapshot: Snapshot): Generator<Chunk> {
    if (base !== "" && this.includes(base)) return yield* snapshot.below(base);
    const folders = base === "" ? this.folders : this.partsOf(base);
    for (const { read } of this.#partsInOrder(folders, snapshot)) yield* read();
  }

  /** The number of entries. */
  sizeIn(snapshot: Snapshot): number {
    let size = 0;
    for (const { read } of this.#partsInOrder(this.folders, snapshot)) {
      for (const chunk of read()) size += chunk.length;
    }
    return size;
  }

  /** Whether none of the entries exists that a template may read; false for one that may read none. */
  isEmptyIn(snapshot: Snapshot): boolean {
    if (this.folders.length === 0) return false;
    return this.#partsInOrder(this.folders, snapshot).every(({ read }) => read().next().done);
  }

  /** The entries of folders in key order. Between the key `/a` and those below it may be the ones of the folder `/a-b`. */
  #partsInOrder(folders: readonly string[], snapshot: Snapshot): readonly Part[] {
    const parts = folders.flatMap((folder): readonly Part[] => {
      if (folder === "" && this.#isWhole) return allButOwn(snapshot);
      return [
        { from: folder, read: () => own(snapshot.get(folder)) },
        { from: `${folder}/`, read: () => snapshot.below(folder) },
      ];
    });
    return parts.sort((a, b) => (a.from < b.from ? -1 : 1));
  }

  toString(): string {
    return this.folders.map((folder) => folder || "/").join(", ");
  }
}

interface Part {
  /** Begins before all keys of the part, and after those of the part before. */
  readonly from: string;
  readonly read: () => Generator<Chunk>;
}

/** All entries except the program's own: those before its folder, between the key and what is below it, and after it. */
function allButOwn(snapshot: Snapshot): readonly Part[] {
  const part = (from: string, to: string) => ({ from, read: () => snapshot.range(from, to) });
  // "0" is the character after "/"
  return [
    part("/", ownFolder),
    part(`${ownFolder}\0`, `${ownFolder}/`),
    part(`${ownFolder}0`, "0"),
  ];
}

function* own(entry: Entry | undefined): Generator<Chunk> {
  if (entry) yield [entry];
}
