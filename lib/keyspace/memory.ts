import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import type { Fault } from "../base/fault.ts";
import { untilAborted } from "../base/signal.ts";
import { type Batch, type Entry, folderOf, isWithin } from "../model/entry.ts";
import type { Keyspace, Session } from "./contract.ts";
import { faults } from "./faults.ts";

const url = "memory:";

interface Held {
  readonly entry: Entry;
  /** Undefined where no session holds it. */
  readonly owner: MemorySession | undefined;
}

/** What one watch has not been told yet: the entry now at each key, undefined where there is none. */
interface Feed {
  readonly folders: readonly string[];
  readonly changes: Cell<Map<string, Entry | undefined>>;
}

/** A store that ends with this process: the reference for the other kinds, and a stand-in in tests. */
export class MemoryStore {
  readonly clock: Clock;
  #revision = 0;
  readonly #held = new Map<string, Held>();
  readonly #feeds = new Set<Feed>();
  readonly #sessions = new Set<MemorySession>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** One more client of this store. */
  open(): Keyspace {
    return new MemoryKeyspace(this);
  }

  /** Drops every session and its entries, as a store does after an outage that lasted too long. */
  expireSessions(): void {
    for (const session of [...this.#sessions]) session.drop();
  }

  begin(session: MemorySession): void {
    this.#sessions.add(session);
  }

  /** Forgets a session, and the entries that are still its own. */
  end(session: MemorySession): void {
    this.#sessions.delete(session);
    for (const key of this.#held.keys()) this.remove(key, session);
  }

  put(key: string, value: string, owner: MemorySession): void {
    const held = this.#held.get(key);
    const isTheirs = held?.owner !== undefined && held.owner !== owner;
    if (isTheirs && held.entry.value !== value) {
      throw faults.KEYSPACE_KEY_CONFLICT({ key, value: held.entry.value });
    }
    this.#write(key, value, owner);
  }

  /** Writes an entry that no session holds, as an operator's hand does. */
  write(key: string, value: string): void {
    this.#write(key, value, undefined);
  }

  #write(key: string, value: string, owner: MemorySession | undefined): void {
    const entry = { key, value, revision: this.#next() };
    this.#held.set(key, { entry, owner });
    this.#tell(key, entry);
  }

  remove(key: string, owner: MemorySession | undefined): void {
    if (this.#held.get(key)?.owner !== owner) return;
    this.#held.delete(key);
    this.#next();
    this.#tell(key, undefined);
  }

  async *watch(prefixes: readonly string[], signal: AbortSignal): AsyncGenerator<Batch> {
    signal.throwIfAborted();
    const folders = prefixes.map(folderOf);
    const feed: Feed = { folders, changes: new Cell(new Map()) };
    this.#feeds.add(feed);
    try {
      const held = [...this.#held].filter(([key]) => covers(folders, key));
      const entries = new Map(held.map(([key, { entry }]) => [key, entry]));
      yield { kind: "reset", revision: String(this.#revision), entries };
      for (;;) {
        if (feed.changes.value.size === 0) await feed.changes.newer(feed.changes.version, signal);
        const changes = [...feed.changes.value];
        feed.changes.value.clear();
        const put = changes.filter((change): change is [string, Entry] => change[1] !== undefined);
        const gone = changes.filter(([, entry]) => entry === undefined).map(([key]) => key);
        yield { kind: "delta", revision: String(this.#revision), put: new Map(put), gone };
      }
    } finally {
      this.#feeds.delete(feed);
    }
  }

  #next(): string {
    this.#revision += 1;
    return String(this.#revision);
  }

  #tell(key: string, entry: Entry | undefined): void {
    for (const { folders, changes } of this.#feeds) {
      if (covers(folders, key)) changes.set(changes.value.set(key, entry));
    }
  }
}

function covers(folders: readonly string[], key: string): boolean {
  return folders.some((folder) => isWithin(key, folder));
}

class MemoryKeyspace implements Keyspace {
  readonly url = url;
  readonly #store: MemoryStore;
  readonly #sessions: MemorySession[] = [];

  constructor(store: MemoryStore) {
    this.#store = store;
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

  /** From now on nobody is heard of, so the sessions that are still open end after their time to live. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.abandon();
  }
}

class MemorySession implements Session {
  readonly #store: MemoryStore;
  readonly #ttlMs: number;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();

  constructor(store: MemoryStore, ttlMs: number) {
    this.#store = store;
    this.#ttlMs = ttlMs;
    store.begin(this);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async put(key: string, value: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#throwIfEnded();
    this.#store.put(key, value, this);
    return key;
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#throwIfEnded();
    this.#store.remove(key, this);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    this.#store.end(this);
  }

  /** The store's part: ends the session behind its owner's back. */
  drop(): void {
    this.#ended.abort();
    this.#store.end(this);
    this.#lost.abort(this.#loss());
  }

  /** Starts the last time to live. */
  abandon(): void {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    void untilAborted(
      signal,
      this.#store.clock.sleep(this.#ttlMs, signal).then(() => this.drop()),
    );
  }

  #throwIfEnded(): void {
    if (this.#ended.signal.aborted) throw this.#loss();
  }

  #loss(): Fault {
    return faults.KEYSPACE_SESSION_EXPIRED({ url, ttlMs: this.#ttlMs });
  }
}
