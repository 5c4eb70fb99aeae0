import { byBytes, hasUnitsOutOfOrder, sortedByBytes } from "../base/byte-order.ts";
import type { Entry } from "../model/entry.ts";
import { type Chunk, Snapshot } from "../model/snapshot.ts";
import { compileGlob } from "./glob.ts";
import { HelperError, type Keys } from "./helpers/contract.ts";
import type { Prefixes } from "./prefixes.ts";
import { type SortedValues, sortedValues } from "./sorted-values.ts";

/** The result of a glob, kept so that only the changed chunks of the next snapshot are searched. */
interface Found {
  entries: readonly Entry[];
  /** Undefined until `valuesMatching` is called. */
  values: SortedValues | undefined;
  /** The matching entries of each chunk. */
  readonly chunks: WeakMap<Chunk, Matching>;
}

/** The matching entries of a chunk. */
interface Matching {
  readonly entries: Chunk;
  /** Whether the order of their keys is that of their UTF-16 units, too. */
  readonly isPlain: boolean;
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

  constructor(prefixes: Prefixes, outside: Outside = "fault") {
    this.#prefixes = prefixes;
    this.#outsideIs = outside;
  }

  /** Makes a snapshot the current one. Drops the results of queries that were not made on the previous one. */
  see(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#previous = this.#found;
    this.#found = new Map();
  }

  get(key: string): Entry | undefined {
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
    if (found.values?.of !== found.entries)
      found.values = sortedValues(found.entries, found.values);
    return found.values.sorted;
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
    const { literalPrefix, matches } = compileGlob(glob);
    this.#assertOverlaps(literalPrefix);
    const found = this.#cached(glob) ?? {
      entries: [],
      values: undefined,
      chunks: new WeakMap<Chunk, Matching>(),
    };
    const parts: Matching[] = [];
    for (const chunk of this.#prefixes.below(literalPrefix, this.#snapshot)) {
      let part = found.chunks.get(chunk);
      if (!part) {
        const kept = chunk.filter(({ key }) => matches(key));
        const entries = kept.length === chunk.length ? chunk : kept;
        part = { entries, isPlain: !kept.some(({ key }) => hasUnitsOutOfOrder(key)) };
        found.chunks.set(chunk, part);
      }
      parts.push(part);
    }
    const entries = parts.flatMap((part) => part.entries);
    if (parts.some(({ isPlain }) => !isPlain)) entries.sort((a, b) => byBytes(a.key, b.key));
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
    this.#assertOverlaps(base);
    if (this.#prefixes.includes(base)) return this.#childrenWithin(base);
    const children = new Map<string, boolean>();
    for (const part of this.#prefixes.partsOf(base)) {
      const [name = "", ...deeper] = part.slice(base.length + 1).split("/");
      const hasBelow = !this.#snapshot.below(part).next().done;
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
    if (this.#outsideIs === "fault" && !this.#prefixes.overlaps(base))
      throw this.#outside(base || "/");
  }

  #outside(key: string): HelperError {
    if (!key.startsWith("/")) return new HelperError(`${key} is no key: every key begins with /`);
    return new HelperError(
      `${key} is outside of the prefixes of this template (${this.#prefixes})`,
    );
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
