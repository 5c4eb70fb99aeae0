import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import type { Batch, Entry } from "./entry.ts";

/** A run of entries in key order; never changed once it is part of a snapshot. */
export type Chunk = readonly Entry[];

/**
 * All entries at one moment, in key order (by UTF-16 code unit). A snapshot never changes: the next one
 * shares every chunk that a change did not touch, so "is this the same chunk?" answers "did anything
 * here change?".
 */
export class Snapshot {
  static readonly empty = new Snapshot("0", SharingMap.of<Entry>([]));

  readonly revision: string;
  readonly chunks: readonly Chunk[];
  readonly #entries: SharingMap<Entry>;

  private constructor(revision: string, entries: SharingMap<Entry>) {
    this.revision = revision;
    this.chunks = entries.runs.map(({ values }) => values);
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** The entries with `from` ≤ key < `to`, as runs: whole chunks are handed out as they are. */
  range(from: string, to: string): Generator<Chunk> {
    return this.#entries.between(from, to);
  }

  /** The entries below a folder (`/services` or, for all, the empty string), as runs. */
  below(folder: string): Generator<Chunk> {
    // "0" is the character after "/"
    return this.range(`${folder}/`, `${folder}0`);
  }

  /** The snapshot after a batch. Entries whose value did not change keep their identity. */
  after(batch: Batch): Snapshot {
    const { revision } = batch;
    if (batch.kind === "reset") {
      return new Snapshot(revision, SharingMap.of(this.#known(batch.entries)));
    }
    const gone = batch.gone.map((key) => [key, undefined] as const);
    return new Snapshot(revision, this.#entries.with([...gone, ...this.#known(batch.put)]));
  }

  /** The keys of the entries that are not what they were in another snapshot. */
  changedSince(before: Snapshot): Iterable<string> {
    return changedKeys(before.#entries, this.#entries);
  }

  /** The same entry as here wherever the value is the same. */
  #known(entries: ReadonlyMap<string, Entry>): [string, Entry][] {
    return Array.from(entries, ([key, entry]) => {
      const before = this.get(key);
      return [key, before?.value === entry.value ? before : entry];
    });
  }
}
