import { type Entry, FolderSet, isWithin, outermost } from "../model/entry.ts";
import type { Chunk, Snapshot } from "../model/snapshot.ts";

/** The folders of the keyspace that a template may read, its prefixes: it sees the entries at and below each of them. */
export class Prefixes {
  /** None within another, in the order in which they are configured. */
  readonly folders: readonly string[];
  readonly #set: FolderSet;

  constructor(prefixes: readonly string[]) {
    this.folders = outermost(prefixes);
    this.#set = new FolderSet(this.folders);
  }

  includes(key: string): boolean {
    return this.#set.includes(key);
  }

  /** Whether a template sees a part of a folder: the folder is within a prefix, or a prefix is within the folder. */
  overlaps(base: string): boolean {
    return this.folders.some((folder) => isWithin(base, folder) || isWithin(folder, base));
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
    if (this.includes(base)) yield* snapshot.below(base);
    else for (const { read } of partsInOrder(this.partsOf(base), snapshot)) yield* read();
  }

  /** The number of entries. */
  sizeIn(snapshot: Snapshot): number {
    let size = 0;
    for (const { read } of partsInOrder(this.folders, snapshot)) {
      for (const chunk of read()) size += chunk.length;
    }
    return size;
  }

  /** Whether none of the entries exists that a template may read; false for one that may read none. */
  isEmptyIn(snapshot: Snapshot): boolean {
    if (this.folders.length === 0) return false;
    return partsInOrder(this.folders, snapshot).every(({ read }) => read().next().done);
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

/** The entries of folders in key order. Between the key `/a` and those below it may be the ones of the folder `/a-b`. */
function partsInOrder(folders: readonly string[], snapshot: Snapshot): readonly Part[] {
  const parts = folders.flatMap((folder): readonly Part[] => [
    { from: folder, read: () => own(snapshot.get(folder)) },
    { from: `${folder}/`, read: () => snapshot.below(folder) },
  ]);
  return parts.sort((a, b) => (a.from < b.from ? -1 : 1));
}

function* own(entry: Entry | undefined): Generator<Chunk> {
  if (entry) yield [entry];
}
