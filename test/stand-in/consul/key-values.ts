import type { Indexes } from "./indexes.ts";

/** A pair as the API shows it. */
export interface Pair {
  readonly LockIndex: number;
  readonly Key: string;
  readonly Flags: number;
  /** In base64; null for an empty one. */
  readonly Value: string | null;
  readonly Session?: string;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export interface Written {
  readonly key: string;
  readonly value: Buffer;
  readonly flags?: number;
}

/** The table of keys, as a transaction may copy it and put it back. */
export interface Tables {
  readonly pairs: ReadonlyMap<string, Pair>;
  readonly tombstones: ReadonlyMap<string, number>;
}

/** Consul's store of keys: indexes, locks and tombstones. Time and sessions are outside. */
export class KeyValues {
  #pairs = new Map<string, Pair>();
  /** The index of the removal of each removed key, until it is reaped. */
  #tombstones = new Map<string, number>();
  #tableIndex = 1;
  readonly #indexes: Indexes;

  constructor(indexes: Indexes) {
    this.#indexes = indexes;
  }

  get tables(): Tables {
    return { pairs: new Map(this.#pairs), tombstones: new Map(this.#tombstones) };
  }

  restore({ pairs, tombstones }: Tables): void {
    this.#pairs = new Map(pairs);
    this.#tombstones = new Map(tombstones);
    const indexes = [...this.#tombstones.values(), ...this.pairs("").map((p) => p.ModifyIndex)];
    this.#tableIndex = Math.max(1, ...indexes);
  }

  get(key: string): Pair | undefined {
    return this.#pairs.get(key);
  }

  pairs(prefix: string): readonly Pair[] {
    const found = [...this.#pairs.values()].filter(({ Key }) => Key.startsWith(prefix));
    return found.sort((a, b) => (a.Key < b.Key ? -1 : 1));
  }

  /** That of a single key: of its last change, or of the table if it does not exist. */
  indexOf(key: string): number {
    return this.#pairs.get(key)?.ModifyIndex ?? this.#tableIndex;
  }

  /** That of the last change below the prefix; that of the table if nothing is known of it. */
  indexBelow(prefix: string): number {
    if (prefix === "") return this.#tableIndex;
    const removed = [...this.#tombstones].filter(([key]) => key.startsWith(prefix));
    const indexes = this.pairs(prefix).map(({ ModifyIndex }) => ModifyIndex);
    const last = Math.max(0, ...indexes, ...removed.map(([, index]) => index));
    return last === 0 ? this.#tableIndex : last;
  }

  /** Forgets removals, as Consul does after 15 minutes: the index of a prefix may go backwards. */
  reapTombstones(): void {
    this.#tombstones.clear();
  }

  /** A plain write keeps the lock of the key. */
  set(written: Written): Pair {
    const { LockIndex = 0, Session } = this.#pairs.get(written.key) ?? {};
    return this.#write(written, LockIndex, Session);
  }

  /** Index 0 is a key that does not exist. */
  compareAndSet(written: Written, index: number): boolean {
    if ((this.#pairs.get(written.key)?.ModifyIndex ?? 0) !== index) return false;
    this.set(written);
    return true;
  }

  lock(written: Written, session: string): boolean {
    const before = this.#pairs.get(written.key);
    if (before?.Session !== undefined && before.Session !== session) return false;
    const isHeld = before?.Session === session;
    this.#write(written, (before?.LockIndex ?? 0) + (isHeld ? 0 : 1), session);
    return true;
  }

  unlock(written: Written, session: string): boolean {
    const before = this.#pairs.get(written.key);
    if (before?.Session !== session) return false;
    this.#write(written, before.LockIndex, undefined);
    return true;
  }

  remove(key: string): void {
    if (!this.#pairs.delete(key)) return;
    const index = this.#indexes.next();
    this.#tombstones.set(key, index);
    this.#tableIndex = index;
  }

  #write({ key, value, flags = 0 }: Written, lockIndex: number, session: string | undefined): Pair {
    const before = this.#pairs.get(key);
    const written = {
      LockIndex: lockIndex,
      Key: key,
      Flags: flags,
      Value: value.length === 0 ? null : value.toString("base64"),
      ...(session !== undefined && { Session: session }),
    };
    // A write that changes nothing has no index.
    if (before && isSame(before, written)) return before;
    const index = this.#indexes.next();
    const pair = { ...written, CreateIndex: before?.CreateIndex ?? index, ModifyIndex: index };
    this.#pairs.set(key, pair);
    this.#tombstones.delete(key);
    this.#tableIndex = index;
    return pair;
  }
}

function isSame(a: Pair, b: Omit<Pair, "CreateIndex" | "ModifyIndex">): boolean {
  return (
    a.Value === b.Value &&
    a.Flags === b.Flags &&
    a.Session === b.Session &&
    a.LockIndex === b.LockIndex
  );
}
