import type { Batch, Entry } from "./entry.ts";

/** A run of entries in key order; never changed once it is part of a snapshot. */
export type Chunk = readonly Entry[];

/** A chunk longer than this is cut in two. With 100 000 keys a change then copies some 700 references. */
const longest = 512;

/**
 * All entries at one moment, in key order (by UTF-16 code unit). A snapshot never changes: the next one
 * shares every chunk that a change did not touch, so "is this the same chunk?" answers "did anything
 * here change?".
 */
export class Snapshot {
  static readonly empty = new Snapshot("0", [], 0);

  readonly revision: string;
  readonly chunks: readonly Chunk[];
  readonly size: number;

  private constructor(revision: string, chunks: readonly Chunk[], size: number) {
    this.revision = revision;
    this.chunks = chunks;
    this.size = size;
  }

  get(key: string): Entry | undefined {
    const chunk = this.chunks[chunkFor(this.chunks, key)];
    const entry = chunk?.[lowerBound(chunk, key)];
    return entry?.key === key ? entry : undefined;
  }

  /** The entries with `from` ≤ key < `to`, as runs: whole chunks are handed out as they are. */
  *range(from: string, to: string): Generator<Chunk> {
    for (let i = Math.max(0, chunkFor(this.chunks, from)); i < this.chunks.length; i += 1) {
      const chunk = this.chunks[i] ?? [];
      const [first = "", last = ""] = [chunk[0]?.key, chunk.at(-1)?.key];
      if (first >= to) return;
      if (first >= from && last < to) {
        yield chunk;
        continue;
      }
      const part = chunk.slice(lowerBound(chunk, from), lowerBound(chunk, to));
      if (part.length > 0) yield part;
    }
  }

  /** The entries below a folder (`/services` or, for all, the empty string), as runs. */
  below(folder: string): Generator<Chunk> {
    // "0" is the character after "/"
    return this.range(`${folder}/`, `${folder}0`);
  }

  /** The snapshot after a batch. Entries whose value did not change keep their identity. */
  after(batch: Batch): Snapshot {
    return batch.kind === "reset"
      ? this.#reset(batch.revision, batch.entries)
      : this.#delta(batch.revision, batch.put, batch.gone);
  }

  #reset(revision: string, entries: ReadonlyMap<string, Entry>): Snapshot {
    const kept = [...entries.values()].map((entry) => this.#known(entry)).sort(byKey);
    return new Snapshot(revision, cut(kept), kept.length);
  }

  #delta(revision: string, put: ReadonlyMap<string, Entry>, gone: readonly string[]): Snapshot {
    const chunks = [...this.chunks];
    let { size } = this;
    const edits = new Map<number, Map<string, Entry | undefined>>();
    const edit = (key: string, entry: Entry | undefined) => {
      const at = Math.max(0, chunkFor(chunks, key));
      edits.set(at, (edits.get(at) ?? new Map()).set(key, entry));
    };
    for (const key of gone) edit(key, undefined);
    for (const [key, entry] of put) edit(key, this.#known(entry));
    // From the last chunk to the first, so that the positions before it stay as they are.
    for (const [at, changes] of [...edits].sort(([a], [b]) => b - a)) {
      const before = chunks[at] ?? [];
      const after = merged(before, changes);
      chunks.splice(at, 1, ...cut(after));
      size += after.length - before.length;
    }
    return new Snapshot(revision, chunks, size);
  }

  #known(entry: Entry): Entry {
    const before = this.get(entry.key);
    return before?.value === entry.value ? before : entry;
  }
}

function byKey(a: Entry, b: Entry): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** The last chunk that begins at or before `key`; -1 where all begin after it. */
function chunkFor(chunks: readonly Chunk[], key: string): number {
  let [low, high] = [0, chunks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = chunks[middle]?.[0]?.key ?? "";
    if (start <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How many entries of the chunk come before `key`. */
function lowerBound(chunk: Chunk, key: string): number {
  let [low, high] = [0, chunk.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk[middle]?.key ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The chunk with its changes made; undefined stands for an entry that is gone. */
function merged(chunk: Chunk, changes: ReadonlyMap<string, Entry | undefined>): Entry[] {
  const result = [...chunk];
  for (const [key, entry] of changes) {
    const at = lowerBound(result, key);
    const replaced = result[at]?.key === key ? 1 : 0;
    if (entry) result.splice(at, replaced, entry);
    else result.splice(at, replaced);
  }
  return result;
}

/** Cuts sorted entries into chunks of equal length, none longer than `longest`; none at all when empty. */
function cut(entries: readonly Entry[]): Chunk[] {
  const count = Math.ceil(entries.length / longest);
  return Array.from({ length: count }, (_, i) =>
    entries.slice(
      Math.floor((i * entries.length) / count),
      Math.floor(((i + 1) * entries.length) / count),
    ),
  );
}
