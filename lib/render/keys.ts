import { lowerBound } from "../base/lower-bound.ts";
import { type Entry, isWithin } from "../model/entry.ts";
import { type Chunk, Snapshot } from "../model/snapshot.ts";
import { compileGlob } from "./glob.ts";
import { HelperError, type Keys } from "./helpers/contract.ts";

/** What a glob found the last time, kept so that the next time only what changed is looked at. */
interface Found {
  entries: readonly Entry[];
  /** In order of value; undefined until somebody asks for them. */
  values: readonly string[] | undefined;
  readonly chunks: WeakMap<Chunk, Chunk>;
}

/**
 * The keys that one template sees, of the snapshot that is current. A question that is asked again of a
 * later snapshot costs the changed chunks and a comparison of references, not a new search.
 */
export class TemplateKeys implements Keys {
  readonly #folders: readonly string[];
  #found = new Map<string, Found>();
  #foundBefore = new Map<string, Found>();
  #snapshot: Snapshot = Snapshot.empty;

  /** `folders` are the template's prefixes. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** Says which snapshot the questions that follow are about. Questions not asked of the last one are forgotten. */
  see(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#foundBefore = this.#found;
    this.#found = new Map();
  }

  get(key: string): Entry | undefined {
    this.#mustSee(key);
    return this.#snapshot.get(key);
  }

  matching(glob: string): readonly Entry[] {
    return this.#look(glob).entries;
  }

  valuesMatching(glob: string): readonly string[] {
    const before = this.#known(glob);
    const [oldEntries, oldValues] = [before?.entries ?? [], before?.values ?? []];
    const found = this.#look(glob);
    if (found.values && found.entries === oldEntries) return found.values;
    found.values = revised(oldValues, found.values ? oldEntries : [], found.entries);
    return found.values;
  }

  names(folder: string): readonly string[] {
    return [...this.#children(folder).keys()].sort();
  }

  folders(folder: string): readonly string[] {
    const children = [...this.#children(folder)];
    return children.flatMap(([name, hasMore]) => (hasMore ? [name] : [])).sort();
  }

  holding(text: string): readonly string[] {
    const keys: string[] = [];
    if (text === "") return keys;
    for (const chunk of this.#snapshot.chunks) {
      for (const { key, value } of chunk) {
        if (value.includes(text) && keys.push(key) === 3) return keys;
      }
    }
    return keys;
  }

  #look(glob: string): Found {
    const { literalPrefix, matches } = compileGlob(glob);
    this.#mustSeeBelow(literalPrefix);
    const found = this.#known(glob) ?? { entries: [], values: undefined, chunks: new WeakMap() };
    const parts: Chunk[] = [];
    for (const chunk of this.#snapshot.below(literalPrefix)) {
      let part = found.chunks.get(chunk);
      if (!part) {
        const kept = chunk.filter(({ key }) => matches(key));
        part = kept.length === chunk.length ? chunk : kept;
        found.chunks.set(chunk, part);
      }
      parts.push(part);
    }
    const entries = parts.flat();
    if (!sameItems(entries, found.entries)) found.entries = entries;
    this.#found.set(glob, found);
    return found;
  }

  #known(glob: string): Found | undefined {
    return this.#found.get(glob) ?? this.#foundBefore.get(glob);
  }

  /** The names one level below a folder, and whether there is anything below them: found by leaping. */
  #children(folder: string): Map<string, boolean> {
    const base = folder.replace(/\/+$/, "");
    this.#mustSeeBelow(base);
    const children = new Map<string, boolean>();
    let from = `${base}/`;
    const end = `${base}0`;
    for (;;) {
      const entry = this.#snapshot.range(from, end).next().value?.[0];
      if (!entry) return children;
      const slash = entry.key.indexOf("/", base.length + 1);
      const name = entry.key.slice(base.length + 1, slash === -1 ? undefined : slash);
      children.set(name, slash !== -1 || children.get(name) === true);
      // "0" comes right after "/": the leap goes over everything below the name.
      from = slash === -1 ? `${entry.key}\0` : `${base}/${name}0`;
    }
  }

  /** A question about a key that nobody watches would have a wrong answer: it is refused. */
  #mustSee(key: string): void {
    if (!this.#folders.some((folder) => isWithin(key, folder))) throw this.#outside(key);
  }

  /** Of what lies below a folder, a part must be watched at least. */
  #mustSeeBelow(base: string): void {
    const overlaps = (folder: string) => isWithin(base, folder) || isWithin(folder, base);
    if (!this.#folders.some(overlaps)) throw this.#outside(base || "/");
  }

  #outside(what: string): HelperError {
    const prefixes = this.#folders.map((folder) => folder || "/").join(", ");
    return new HelperError(`${what} lies outside of this template's prefixes (${prefixes})`);
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The values of `now` in order, made from those of `before` by taking out what went and putting in what came. */
function revised(
  values: readonly string[],
  before: readonly Entry[],
  now: readonly Entry[],
): readonly string[] {
  const { gone, come } = difference(before, now);
  if (gone.length + come.length > now.length / 8) return now.map(({ value }) => value).sort();
  const result = [...values];
  for (const { value } of gone) result.splice(lowerBound(result, value), 1);
  for (const { value } of come) result.splice(lowerBound(result, value), 0, value);
  return result;
}

/** What is only in the one and only in the other of two lists in key order. */
function difference(before: readonly Entry[], now: readonly Entry[]) {
  const gone: Entry[] = [];
  const come: Entry[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < now.length) {
    const [old, young] = [before[i], now[j]];
    if (old === young) {
      i += 1;
      j += 1;
    } else if (old && (!young || old.key <= young.key)) {
      gone.push(old);
      i += 1;
    } else if (young) {
      come.push(young);
      j += 1;
    }
  }
  return { gone, come };
}
