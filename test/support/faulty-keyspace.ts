import type { Fault } from "../../lib/base/fault.ts";
import type { Keyspace, Session, WatchAgain } from "../../lib/keyspace/contract.ts";
import { faults } from "../../lib/keyspace/faults.ts";
import type { ListSize } from "../../lib/keyspace/list-turns.ts";
import type { Batch } from "../../lib/model/entry.ts";

/** A client of a keyspace that a test disconnects, or that is denied some writes. */
export class FaultyKeyspace implements Keyspace {
  readonly url: string;
  /** The number of sessions that were opened, or could not be. */
  opened = 0;
  /** The number of watches that were begun, or could not be. */
  watched = 0;
  /** The error of a write to this key; undefined where it succeeds. */
  denied: (key: string) => Error | undefined = () => undefined;
  /** Awaited before a session is closed. */
  closing: () => Promise<void> = async () => {};
  /** The TTL that is granted for a requested one, in milliseconds. */
  granted: (ttlMs: number) => number = (ttlMs) => ttlMs;
  /** What its lists have, for readers that wait for their turn to list; undefined if they do not. */
  listSize: ListSize | undefined;
  watchers = 1;
  readonly #keyspace: Keyspace;
  readonly #watches = new Set<AbortController>();
  #fault: Error | undefined;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.url = keyspace.url;
  }

  /** From now on every call fails; so does each watch that is under way. Sessions and their entries live on. */
  disconnect(fault: Error = faults.KEYSPACE_UNREACHABLE({ url: this.url })): void {
    this.#fault = fault;
    for (const watch of this.#watches) watch.abort(fault);
  }

  reconnect(): void {
    this.#fault = undefined;
  }

  async *watch(
    prefixes: readonly string[],
    signal: AbortSignal,
    again?: WatchAgain,
  ): AsyncGenerator<Batch> {
    this.watched += 1;
    this.#throwIfDisconnected();
    const ending = new AbortController();
    const end = () => ending.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    this.#watches.add(ending);
    try {
      const { listSize: size, url } = this;
      const countWatchers = async () => this.watchers;
      if (size) await again?.turns?.wait({ url, size, countWatchers, ...again }, ending.signal);
      for await (const batch of this.#keyspace.watch(prefixes, ending.signal, again)) {
        yield size ? { ...batch, position: {} } : batch;
      }
    } finally {
      signal.removeEventListener("abort", end);
      this.#watches.delete(ending);
    }
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    this.opened += 1;
    this.#throwIfDisconnected();
    const session = await this.#keyspace.open(this.granted(ttlMs), signal);
    return {
      id: session.id,
      ttlMs: session.ttlMs,
      expired: session.expired,
      put: async (key, value, s, rules) => {
        this.#throwIfDisconnected();
        const error = this.denied(key);
        if (error) throw error;
        return await session.put(key, value, s, rules);
      },
      remove: async (key, s) => {
        this.#throwIfDisconnected();
        await session.remove(key, s);
      },
      close: async () => {
        await this.closing();
        await session.close();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keyspace[Symbol.asyncDispose]();
  }

  #throwIfDisconnected(): void {
    if (this.#fault) throw this.#fault;
  }
}

/** A fault that is worth another attempt. */
export function denial(url: string): Fault {
  return faults.KEYSPACE_PERMISSION_DENIED({ url, what: "write", reason: "permission denied" });
}
