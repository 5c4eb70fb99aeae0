import type { Batch } from "../model/entry.ts";

/** The reading side of a keyspace. */
export interface KeySource {
  /**
   * Yields what lies at or below the prefixes: a reset first, then what changes, with no gap between.
   * May reset again at any time (a compaction, a new connection). Out of reach: throws a retryable fault.
   * Never yields an empty or partial reset because of a failure: stale beats wrong.
   * `/web` covers the key `/web` and all of `/web/…`, but not `/web-2`.
   */
  watch(prefixes: readonly string[], signal: AbortSignal): AsyncIterable<Batch>;
}

/** The writing side of a keyspace. */
export interface KeySink {
  /**
   * Opens a session. Entries put in it vanish with it: `ttlMs` milliseconds after this process was last
   * heard of, or at once when the session is closed. Throws a retryable fault when the store is out of reach.
   */
  open(ttlMs: number, signal: AbortSignal): Promise<Session>;
}

export interface Session {
  /** Aborts once the store has dropped the session and its entries; the reason is KEYSPACE_SESSION_EXPIRED. */
  readonly lost: AbortSignal;
  /**
   * Writes an entry that lives as long as the session, and resolves with the key that it is shown at: its own,
   * unless the store numbers its entries. What no session holds is taken over, and so is what has this very
   * value already: that is the same instance, announced by an agent that has crashed or is about to leave. What
   * another session holds with another value is somebody else's: throws KEYSPACE_KEY_CONFLICT, and nothing is changed.
   */
  put(key: string, value: string, signal: AbortSignal): Promise<string>;
  /** Removes a key if it is still this session's own; somebody else's stays. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Ends the session and removes its entries now, not at the end of the time to live. Never throws. */
  close(): Promise<void>;
}

/** A store that can be read and written. Disposing ends connections, not the sessions' entries. */
export interface Keyspace extends KeySource, KeySink, AsyncDisposable {
  /** What it is, for people: its URL without credentials. */
  readonly url: string;
}
