import { lowerBound } from "./lower-bound.ts";

/** Consecutive keys and their values, in two lists of equal length; immutable once part of a map. */
export interface Run<V> {
  readonly keys: readonly string[];
  readonly values: readonly V[];
}

/** A longer run is split. With 100 000 keys a change then copies about 1200 references. */
const maxRunLength = 512;

/**
 * An immutable map in key order (by UTF-16 code unit). The map after a change shares every run of entries that the
 * change did not touch, so that a change is cheap, and so is finding the differences (`changedKeys`).
 */
export class SharingMap<V> implements ReadonlyMap<string, V> {
  readonly runs: readonly Run<V>[];
  readonly size: number;

  private constructor(runs: readonly Run<V>[], size: number) {
    this.runs = runs;
    this.size = size;
  }

  /** Creates a map; a SharingMap is returned unchanged. Of several values for a key the last one counts. */
  static of<V>(entries: Iterable<readonly [string, V]>): SharingMap<V> {
    if (entries instanceof SharingMap) return entries;
    const sorted = inOrder(new Map(entries));
    const all = { keys: sorted.map(([key]) => key), values: sorted.map(([, value]) => value) };
    return new SharingMap(split(all), sorted.length);
  }

  /** Creates a map of runs, the keys of which are in order, within each and from one to the next. */
  static ofRuns<V>(runs: readonly Run<V>[]): SharingMap<V> {
    return new SharingMap(
      runs,
      runs.reduce((size, { keys }) => size + keys.length, 0),
    );
  }

  get(key: string): V | undefined {
    const run = this.runs[runFor(this.runs, key)];
    if (!run) return undefined;
    const at = lowerBound(run.keys, key);
    return run.keys[at] === key ? run.values[at] : undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** The map after changes, in which undefined removes a key; this same map if no value differs. */
  with(changes: Iterable<readonly [string, V | undefined]>): SharingMap<V> {
    const edits = new Map<number, Map<string, V | undefined>>();
    for (const [key, value] of new Map(changes)) {
      if (this.get(key) === value) continue;
      const at = Math.max(0, runFor(this.runs, key));
      edits.set(at, (edits.get(at) ?? new Map()).set(key, value));
    }
    if (edits.size === 0) return this;
    const runs = [...this.runs];
    let { size } = this;
    // From the last run to the first, so that the indexes of earlier runs stay valid.
    for (const [at, edit] of [...edits].sort(([a], [b]) => b - a)) {
      const before = runs[at] ?? { keys: [], values: [] };
      const after = merged(before, edit);
      runs.splice(at, 1, ...split(after));
      size += after.keys.length - before.keys.length;
    }
    return new SharingMap(runs, size);
  }

  /** The values with `from` ≤ key < `to`, in parts: whole runs are not copied. */
  *between(from: string, to: string): Generator<readonly V[]> {
    for (let i = Math.max(0, runFor(this.runs, from)); i < this.runs.length; i += 1) {
      const { keys = [], values = [] } = this.runs[i] ?? {};
      const [first = "", last = ""] = [keys[0], keys.at(-1)];
      if (first >= to) return;
      if (first >= from && last < to) {
        yield values;
        continue;
      }
      const part = values.slice(lowerBound(keys, from), lowerBound(keys, to));
      if (part.length > 0) yield part;
    }
  }

  *entries(): Generator<[string, V], undefined> {
    for (const { keys, values } of this.runs) {
      for (const [i, key] of keys.entries()) yield [key, values[i] as V];
    }
    return undefined;
  }

  *keys(): Generator<string, undefined> {
    for (const { keys } of this.runs) yield* keys;
    return undefined;
  }

  *values(): Generator<V, undefined> {
    for (const { values } of this.runs) yield* values;
    return undefined;
  }

  [Symbol.iterator](): Generator<[string, V], undefined> {
    return this.entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}

/** The keys that have different values in two maps, or are in only one of them, in key order. Skips shared runs. */
export function* changedKeys<V>(before: SharingMap<V>, after: SharingMap<V>): Generator<string> {
  const [old, now] = [new Cursor(unshared(before, after)), new Cursor(unshared(after, before))];
  for (;;) {
    const key = earlier(old.key, now.key);
    if (key === undefined) return;
    if (old.take(key) !== now.take(key)) yield key;
  }
}

/** The entries of runs that the other map does not share. */
function unshared<V>({ runs }: SharingMap<V>, other: SharingMap<V>): Run<V> {
  const shared = new Set(other.runs);
  const own = runs.filter((run) => !shared.has(run));
  return { keys: own.flatMap(({ keys }) => keys), values: own.flatMap(({ values }) => values) };
}

/** A position in a run. */
class Cursor<V> {
  readonly #run: Run<V>;
  #at = 0;

  constructor(run: Run<V>) {
    this.#run = run;
  }

  /** Undefined at the end. */
  get key(): string | undefined {
    return this.#run.keys[this.#at];
  }

  /** Returns the current value and advances if `key` is the current key; undefined otherwise. */
  take(key: string): V | undefined {
    if (this.key !== key) return undefined;
    const value = this.#run.values[this.#at];
    this.#at += 1;
    return value;
  }
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === b || b === undefined) return a;
  return a === undefined || b < a ? b : a;
}

function inOrder<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The run with changes applied; it may be empty, or longer than allowed. */
function merged<V>({ keys, values }: Run<V>, edit: ReadonlyMap<string, V | undefined>): Run<V> {
  const result: { readonly keys: string[]; readonly values: V[] } = { keys: [], values: [] };
  let at = 0;
  const keepUntil = (end: number) => {
    for (; at < end; at += 1) add(keys[at] as string, values[at] as V);
  };
  const add = (key: string, value: V) => {
    result.keys.push(key);
    result.values.push(value);
  };
  for (const [key, value] of inOrder(edit)) {
    keepUntil(lowerBound(keys, key));
    if (keys[at] === key) at += 1;
    if (value !== undefined) add(key, value);
  }
  keepUntil(keys.length);
  return result;
}

/** Splits a run into runs of equal length of at most `maxRunLength`; into none if it is empty. */
function split<V>({ keys, values }: Run<V>): Run<V>[] {
  const count = Math.ceil(keys.length / maxRunLength);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * keys.length) / count));
    return { keys: keys.slice(from, to), values: values.slice(from, to) };
  });
}

/** The index of the last run that begins at or before `key`; -1 if all begin after it. */
function runFor(runs: readonly Run<unknown>[], key: string): number {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = runs[middle]?.keys[0] ?? "";
    if (start <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
