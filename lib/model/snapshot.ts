import { changedKeys, type Run, SharingMap } from "../base/sharing-map.ts";
import type { Batch, Entry, WatchPosition } from "./entry.ts";
import type { Quarantined } from "./pool.ts";

/** A run of entries in key order; immutable once part of a snapshot. */
export type Chunk = readonly Entry[];

/** The entries that were given shorter keys, so that those of the next snapshot are the same objects. */
export interface RootMemo {
  readonly runs: WeakMap<Chunk, Run<Entry>>;
  readonly entries: WeakMap<Entry, Entry>;
}

/**
 * All entries at one revision, in key order (by UTF-16 code unit). Immutable: the snapshot after a change shares
 * every chunk that the change did not touch, so that an identical chunk means that nothing in it has changed.
 */
export class Snapshot {
  static readonly empty = new Snapshot("0", SharingMap.of<Entry>([]), []);

  readonly revision: string;
  readonly chunks: readonly Chunk[];
  /** The entries that cannot be read: they are in no chunk. */
  readonly unreadable: readonly Quarantined[];
  /** How far the watch had come that it was read by; undefined if it cannot be continued. */
  readonly position: WatchPosition | undefined;
  readonly #entries: SharingMap<Entry>;

  private constructor(
    revision: string,
    entries: SharingMap<Entry>,
    unreadable: readonly Quarantined[],
    position?: WatchPosition,
  ) {
    this.revision = revision;
    this.position = position;
    this.unreadable = unreadable;
    this.chunks = entries.runs.map(({ values }) => values);
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** The entries with `from` ≤ key < `to`, as runs: whole chunks are not copied. */
  range(from: string, to: string): Generator<Chunk> {
    return this.#entries.between(from, to);
  }

  /** The entries below a folder (`/services`; the empty string for all), as runs. */
  below(folder: string): Generator<Chunk> {
    // "0" follows "/" in the order of characters
    return this.range(`${folder}/`, `${folder}0`);
  }

  /** The snapshot after a batch. Entries with an unchanged value and owner keep their identity. */
  after(batch: Batch): Snapshot {
    const { revision, position } = batch;
    if (batch.kind === "reset") {
      const { entries, unreadable = [] } = batch;
      return new Snapshot(
        revision,
        SharingMap.of(this.#withIdentity(entries)),
        unreadable,
        position,
      );
    }
    const gone = batch.gone.map((key) => [key, undefined] as const);
    const entries = this.#entries.with([...gone, ...this.#withIdentity(batch.put)]);
    return new Snapshot(revision, entries, batch.unreadable ?? this.unreadable, position);
  }

  /** The entries below a folder, which is taken off their keys: `/web/a` below `/web` becomes `/a`. */
  rootedAt(folder: string, { runs, entries }: RootMemo): Snapshot {
    const shortened = Array.from(this.below(folder), (chunk) => {
      const known = runs.get(chunk);
      if (known) return known;
      const values = chunk.map((entry) => {
        const short = entries.get(entry) ?? { ...entry, key: entry.key.slice(folder.length) };
        entries.set(entry, short);
        return short;
      });
      const run = { keys: values.map(({ key }) => key), values };
      runs.set(chunk, run);
      return run;
    });
    return new Snapshot(this.revision, SharingMap.ofRuns(shortened), []);
  }

  /** The keys of the entries that differ from those in another snapshot. */
  changedSince(before: Snapshot): Iterable<string> {
    return changedKeys(before.#entries, this.#entries);
  }

  /** The entries, with the existing object for each unchanged one. */
  #withIdentity(entries: ReadonlyMap<string, Entry>): [string, Entry][] {
    return Array.from(entries, ([key, entry]) => {
      const before = this.get(key);
      const isSame = before?.value === entry.value && before.owner === entry.owner;
      return [key, isSame ? before : entry];
    });
  }
}
