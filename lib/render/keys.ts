import { byBytes, hasUnitsOutOfOrder, sortedByBytes } from "../base/byte-order.ts";
import { lowerBound } from "../base/lower-bound.ts";
import type { Entry } from "../model/entry.ts";
import { type Chunk, Snapshot } from "../model/snapshot.ts";
import { compileGlob } from "./glob.ts";
import { HelperError, type Keys } from "./helpers/contract.ts";
import type { Prefixes } from "./prefixes.ts";
import { ReadRecord, type Reads } from "./reads.ts";

/** The result of a glob, kept so that only the changed chunks of the next snapshot are searched. */
interface Found {
  entries: readonly Entry[];
  /** The values of `valued`, sorted: the entries at the last call of `valuesMatching`. */
  values: readonly string[];
  valued: readonly Entry[];
  /** The matching entries of each chunk. */
  readonly chunks: WeakMap<Chunk, SortedRun>;
}

/** Entries in key order by UTF-16 units. Almost always this is the order of their bytes, too. */
interface SortedRun {
  readonly entries: Chunk;
  readonly isInByteOrder: boolean;
}

/** What a template gets that reads a key which it may not read: a fault, or no entry. */
export type Outside = "fault" | "absent";

/**
 * The keys of the current snapshot that one template may read. Repeating a query on a later snapshot costs a search
 * of the changed chunks and a comparison of references.
 */
export class TemplateKeys implements Keys {
  readonly #prefixes: Prefixes;
  readonly #outsideIs: Outside;
  #found = new Map<string, Found>();
  #previous = new Map<string, Found>();
  #snapshot: Snapshot = Snapshot.empty;
  #reads = new ReadRecord();

  constructor(prefixes: Prefixes, outside: Outside = "fault") {
    this.#prefixes = prefixes;
    this.#outsideIs = outside;
  }

  /** Makes a snapshot the current one. Drops the results of queries that were not made on the previous one. */
  see(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#reads = new ReadRecord();
    this.#previous = this.#found;
    this.#found = new Map();
  }

  /** The keys that were read since `see`. */
  get reads(): Reads {
    return this.#reads;
  }

  get(key: string): Entry | undefined {
    this.#reads.key(key);
    if (this.#prefixes.includes(key)) return this.#snapshot.get(key);
    if (this.#outsideIs === "absent") return undefined;
    throw this.#outside(key);
  }

  has(entry: Entry): boolean {
    return this.#snapshot.get(entry.key) === entry;
  }

  matching(glob: string): readonly Entry[] {
    return this.#search(glob).entries;
  }

  valuesMatching(glob: string): readonly string[] {
    const found = this.#search(glob);
    if (found.entries === found.valued) return found.values;
    found.values = updatedValues(found.values, found.valued, found.entries);
    found.valued = found.entries;
    return found.values;
  }

  names(folder: string): readonly string[] {
    return sortedByBytes(this.#children(folder).keys());
  }

  folders(folder: string): readonly string[] {
    const children = [...this.#children(folder)];
    return sortedByBytes(children.flatMap(([name, hasMore]) => (hasMore ? [name] : [])));
  }

  keysContaining(text: string): readonly string[] {
    const keys: string[] = [];
    if (text === "") return keys;
    for (const chunk of this.#prefixes.below("", this.#snapshot)) {
      for (const { key, value } of chunk) {
        if (value.includes(text) && keys.push(key) === 3) return keys;
      }
    }
    return keys;
  }

  #search(glob: string): Found {
    this.#reads.glob(glob);
    const { literalPrefix, matches } = compileGlob(glob);
    this.#assertOverlaps(literalPrefix);
    const found = this.#cached(glob) ?? newFound();
    const parts: SortedRun[] = [];
    for (const chunk of this.#prefixes.below(literalPrefix, this.#snapshot)) {
      let part = found.chunks.get(chunk);
      if (!part) {
        part = partOf(chunk, matches);
        found.chunks.set(chunk, part);
      }
      parts.push(part);
    }
    const entries = inByteOrder(parts);
    if (!sameItems(entries, found.entries)) found.entries = entries;
    this.#found.set(glob, found);
    return found;
  }

  #cached(glob: string): Found | undefined {
    return this.#found.get(glob) ?? this.#previous.get(glob);
  }

  /** The names one level below a folder, each with whether it has keys below it. */
  #children(folder: string): ReadonlyMap<string, boolean> {
    const base = folder.replace(/\/+$/, "");
    this.#reads.folder(base);
    this.#assertOverlaps(base);
    if (this.#prefixes.includes(base)) return this.#childrenWithin(base);
    const children = new Map<string, boolean>();
    for (const part of this.#prefixes.partsOf(base)) {
      const [name = "", ...deeper] = part.slice(base.length + 1).split("/");
      const hasBelow = !this.#prefixes.below(part, this.#snapshot).next().done;
      if (!hasBelow && !this.#snapshot.get(part)) continue;
      children.set(name, hasBelow || deeper.length > 0 || children.get(name) === true);
    }
    return children;
  }

  /** For a folder within a prefix: skips from name to name. */
  #childrenWithin(base: string): ReadonlyMap<string, boolean> {
    const children = new Map<string, boolean>();
    let from = `${base}/`;
    const end = `${base}0`;
    for (;;) {
      const entry = this.#snapshot.range(from, end).next().value?.[0];
      if (!entry) return children;
      if (!this.#prefixes.includes(entry.key)) {
        from = `${entry.key}\0`;
        continue;
      }
      const slash = entry.key.indexOf("/", base.length + 1);
      const name = entry.key.slice(base.length + 1, slash === -1 ? undefined : slash);
      children.set(name, slash !== -1 || children.get(name) === true);
      // "0" is the character after "/": everything below the name is skipped.
      from = slash === -1 ? `${entry.key}\0` : `${base}/${name}0`;
    }
  }

  /** Throws for a folder of which no part is within the prefixes: it is not followed, so the answer would be wrong. */
  #assertOverlaps(base: string): void {
    if (this.#outsideIs === "fault" && !this.#prefixes.overlaps(base)) {
      throw this.#outside(base || "/");
    }
  }

  #outside(key: string): HelperError {
    if (!key.startsWith("/")) return new HelperError(`${key} is no key: every key begins with /`);
    return new HelperError(
      `${key} is outside of the prefixes of this template (${this.#prefixes})`,
    );
  }
}

function newFound(): Found {
  return { entries: [], values: [], valued: [], chunks: new WeakMap() };
}

function partOf(chunk: Chunk, matches: (key: string) => boolean): SortedRun {
  const kept = chunk.filter(({ key }) => matches(key));
  const entries = kept.length === chunk.length ? chunk : kept;
  return { entries, isInByteOrder: !kept.some(({ key }) => hasUnitsOutOfOrder(key)) };
}

function inByteOrder(parts: readonly SortedRun[]): Entry[] {
  const entries = parts.flatMap((part) => part.entries);
  if (parts.every(({ isInByteOrder }) => isInByteOrder)) return entries;
  return entries.sort((a, b) => byBytes(a.key, b.key));
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The sorted values of `now`, made from the sorted `values` of `before` by removals and insertions if there are few. */
function updatedValues(
  values: readonly string[],
  before: readonly Entry[],
  now: readonly Entry[],
): readonly string[] {
  const { gone, come } = difference(before, now);
  if (gone.length + come.length > now.length / 8)
    return sortedByBytes(now.map(({ value }) => value));
  const result = [...values];
  for (const { value } of gone) result.splice(lowerBound(result, value, isBefore), 1);
  for (const { value } of come) result.splice(lowerBound(result, value, isBefore), 0, value);
  return result;
}

function isBefore(a: string, b: string): boolean {
  return byBytes(a, b) < 0;
}

/** The entries that are only in `before` (gone) and only in `now` (come). Both lists are in key order. */
function difference(before: readonly Entry[], now: readonly Entry[]) {
  const gone: Entry[] = [];
  const come: Entry[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < now.length) {
    const [old, current] = [before[i], now[j]];
    if (old === current) {
      i += 1;
      j += 1;
    } else if (old && (!current || byBytes(old.key, current.key) <= 0)) {
      gone.push(old);
      i += 1;
    } else if (current) {
      come.push(current);
      j += 1;
    }
  }
  return { gone, come };
}
