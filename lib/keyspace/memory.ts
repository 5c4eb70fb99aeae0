import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import type { Fault } from "../base/fault.ts";
import { untilAborted } from "../base/signal.ts";
import { type Batch, type Entry, folderOf, isWithin } from "../model/entry.ts";
import { type EntryForm, storePathOf } from "../model/entry-form.ts";
import type { Keyspace, PutRules, Session } from "./contract.ts";
import { faults } from "./faults.ts";
import { assertReplaceable } from "./replaceable.ts";

interface StoredEntry {
  readonly entry: Entry;
  /** Undefined for an entry without a session. */
  readonly owner: MemorySession | undefined;
}

/** The changes that one watch has not yielded yet: the latest entry by key, undefined for a removed one. */
interface Subscription {
  readonly folders: readonly string[];
  readonly changes: Cell<Map<string, Entry | undefined>>;
}

/** A store in the memory of this process: the reference for the other kinds, and their replacement in tests. */
export class MemoryStore {
  readonly clock: Clock;
  /** For display. */
  readonly url: string;
  #revision = 0;
  #sessionCount = 0;
  #numbers = -1;
  readonly #stored = new Map<string, StoredEntry>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #sessions = new Set<MemorySession>();

  constructor(clock: Clock, url = "memory:") {
    this.clock = clock;
    this.url = url;
  }

  /** Another client of this store. */
  open(): Keyspace {
    return new MemoryKeyspace(this);
  }

  /** Expires every session, as a store does after an outage that outlasts their TTL. */
  expireSessions(): void {
    for (const session of [...this.#sessions]) session.expire();
  }

  /** Returns the id of the session. */
  addSession(session: MemorySession): string {
    this.#sessions.add(session);
    this.#sessionCount += 1;
    return String(this.#sessionCount);
  }

  /** Removes a session and the entries that it holds. */
  removeSession(session: MemorySession): void {
    this.#sessions.delete(session);
    for (const key of this.#stored.keys()) this.remove(key, session);
  }

  /** Throws the faults of `assertReplaceable`. */
  put(key: string, value: string, owner: MemorySession, rules: PutRules): void {
    const stored = this.#stored.get(key);
    if (stored?.owner && stored.owner !== owner) {
      const held = { storeKey: key, value: stored.entry.value, owner: stored.owner.id };
      assertReplaceable(key, value, held, rules);
    }
    this.#write(key, value, owner);
  }

  /** A key that no entry had before: `path`, `_` and ten digits. */
  numbered(path: string): string {
    this.#numbers += 1;
    return `${path}_${String(this.#numbers).padStart(10, "0")}`;
  }

  /** Writes an entry, whatever is there; without an owner it outlives its session. */
  writeAs(key: string, value: string, owner: MemorySession | undefined): void {
    this.#write(key, value, owner);
  }

  /** Writes an entry without a session, as an operator does by hand. */
  write(key: string, value: string): void {
    this.#write(key, value, undefined);
  }

  #write(key: string, value: string, owner: MemorySession | undefined): void {
    const revision = this.#nextRevision();
    const entry = { key, value, revision, ...(owner && { owner: owner.id }) };
    this.#stored.set(key, { entry, owner });
    this.#notify(key, entry);
  }

  remove(key: string, owner: MemorySession | undefined): void {
    if (this.#stored.get(key)?.owner !== owner) return;
    this.#stored.delete(key);
    this.#nextRevision();
    this.#notify(key, undefined);
  }

  async *watch(prefixes: readonly string[], signal: AbortSignal): AsyncGenerator<Batch> {
    signal.throwIfAborted();
    const folders = prefixes.map(folderOf);
    const subscription: Subscription = { folders, changes: new Cell(new Map()) };
    this.#subscriptions.add(subscription);
    try {
      const stored = [...this.#stored].filter(([key]) => covers(folders, key));
      const entries = new Map(stored.map(([key, { entry }]) => [key, entry]));
      yield { kind: "reset", revision: String(this.#revision), entries };
      for (;;) {
        const pending = await subscription.changes.until(({ size }) => size > 0, signal);
        const changes = [...pending];
        pending.clear();
        const put = changes.filter((change): change is [string, Entry] => change[1] !== undefined);
        const gone = changes.filter(([, entry]) => entry === undefined).map(([key]) => key);
        yield { kind: "delta", revision: String(this.#revision), put: new Map(put), gone };
      }
    } finally {
      this.#subscriptions.delete(subscription);
    }
  }

  #nextRevision(): string {
    this.#revision += 1;
    return String(this.#revision);
  }

  #notify(key: string, entry: Entry | undefined): void {
    for (const { folders, changes } of this.#subscriptions) {
      if (covers(folders, key)) changes.set(changes.value.set(key, entry));
    }
  }
}

function covers(folders: readonly string[], key: string): boolean {
  return folders.some((folder) => isWithin(key, folder));
}

class MemoryKeyspace implements Keyspace {
  readonly url: string;
  readonly #store: MemoryStore;
  readonly #sessions: MemorySession[] = [];

  constructor(store: MemoryStore) {
    this.#store = store;
    this.url = store.url;
  }

  watch(prefixes: readonly string[], signal: AbortSignal): AsyncIterable<Batch> {
    return this.#store.watch(prefixes, signal);
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const session = new MemorySession(this.#store, ttlMs);
    this.#sessions.push(session);
    return session;
  }

  /** Ends the heartbeats: the open sessions expire after their TTL. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.abandon();
  }
}

interface FormedEntry {
  /** Without the number. */
  readonly path: string;
  readonly storeKey: string;
  readonly owner: MemorySession | undefined;
}

class MemorySession implements Session {
  readonly id: string;
  readonly ttlMs: number;
  readonly #store: MemoryStore;
  readonly #expired = new AbortController();
  readonly #ended = new AbortController();
  /** The entries that are not simply at their keys, by key. */
  readonly #formed = new Map<string, FormedEntry>();

  constructor(store: MemoryStore, ttlMs: number) {
    this.#store = store;
    this.ttlMs = ttlMs;
    this.id = store.addSession(this);
  }

  get expired(): AbortSignal {
    return this.#expired.signal;
  }

  async put(
    key: string,
    value: string,
    signal: AbortSignal,
    rules: PutRules = {},
  ): Promise<string> {
    signal.throwIfAborted();
    this.#throwIfEnded();
    if (rules.form) return this.#putFormed(key, value, rules.form);
    this.#store.put(key, value, this, rules);
    return key;
  }

  /** As in ZooKeeper. An entry whose name encodes its value moves when that changes. */
  #putFormed(key: string, value: string, form: EntryForm): string {
    const owner = form.isPersistent ? undefined : this;
    const known = this.#formed.get(key);
    const path = storePathOf(key, value, form);
    const storeKey =
      known?.path === path ? known.storeKey : form.isNumbered ? this.#store.numbered(path) : path;
    this.#store.writeAs(storeKey, value, owner);
    this.#formed.set(key, { path, storeKey, owner });
    if (known && known.storeKey !== storeKey) this.#store.remove(known.storeKey, known.owner);
    return storeKey;
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#throwIfEnded();
    const formed = this.#formed.get(key);
    this.#formed.delete(key);
    if (formed) this.#store.remove(formed.storeKey, formed.owner);
    else this.#store.remove(key, this);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    for (const { storeKey, owner } of this.#formed.values()) this.#store.remove(storeKey, owner);
    this.#store.removeSession(this);
  }

  /** The store ends the session. */
  expire(): void {
    this.#ended.abort();
    this.#store.removeSession(this);
    this.#expired.abort(this.#fault());
  }

  /** Lets the session expire after one TTL. */
  abandon(): void {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    void untilAborted(
      signal,
      this.#store.clock.sleep(this.ttlMs, signal).then(() => this.expire()),
    );
  }

  #throwIfEnded(): void {
    if (this.#ended.signal.aborted) throw this.#fault();
  }

  #fault(): Fault {
    return faults.KEYSPACE_SESSION_EXPIRED({ url: this.#store.url, ttlMs: this.ttlMs });
  }
}
