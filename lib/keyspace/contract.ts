import type { Batch, Entry, WatchPosition } from "../model/entry.ts";
import type { EntryForm } from "../model/entry-form.ts";
import type { ListTurns } from "./list-turns.ts";

/** The reading side of a keyspace. */
export interface KeySource {
  /**
   * Yields the entries at or below the prefixes: a reset first, then deltas, without a gap. May reset again at any time
   * (after a compaction or a reconnect). Throws a retryable fault if the store is unreachable. Never yields an empty or
   * partial reset because of a failure: a stale state is better than a wrong one.
   * `/web` covers the key `/web` and all of `/web/…`, but not `/web-2`. Each entry names its owner, on the word of the store.
   * With `again`, a watch that follows one which has ended: it may begin with a delta to the state at `again.position`, which may
   * be empty, if the store proves that it has the same history; and a list may wait for its turn.
   */
  watch(prefixes: readonly string[], signal: AbortSignal, again?: WatchAgain): AsyncIterable<Batch>;
}

/** What a reader has from an earlier watch of the same source. */
export interface WatchAgain {
  /** That of the last batch. Ignored if it is of other prefixes or of another source. */
  readonly position: WatchPosition;
  /** When the reader's turn to list is. Without it, lists do not wait. */
  readonly turns?: ListTurns | undefined;
}

/** The writing side of a keyspace. */
export interface KeySink {
  /**
   * Opens a session. Its entries are removed at once when it is closed, and `ttlMs` milliseconds after its last
   * heartbeat if this process dies. Throws a retryable fault if the store is unreachable.
   */
  open(ttlMs: number, signal: AbortSignal): Promise<Session>;
}

export interface Session {
  /** The `owner` of the entries that this session keeps; unique in the store among the sessions of all agents. */
  readonly id: string;
  /** The granted TTL in milliseconds: stores have limits of their own. */
  readonly ttlMs: number;
  /** Aborts once the store has expired the session and removed its entries; the reason is KEYSPACE_SESSION_EXPIRED. */
  readonly expired: AbortSignal;
  /**
   * Writes an entry that lives as long as the session, and resolves with the key of the entry in the store: `key`,
   * unless the store numbers its entries. Takes over an entry without a session. If another session holds the key, throws
   * and changes nothing: KEYSPACE_KEY_CONFLICT if it has another value; KEYSPACE_KEY_HELD if it has the same one, so that it
   * is the same instance, registered by another agent. `rules` has the exceptions; then the entry is replaced at once, so that
   * no reader finds the key absent.
   */
  put(key: string, value: string, signal: AbortSignal, rules?: PutRules): Promise<string>;
  /** Removes a key if this session holds it, or has put it without owning it; an entry of another session stays. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Ends the session and removes its entries at once instead of after the TTL, persistent ones too. Never throws a fault. */
  close(): Promise<void>;
}

/** Which entries of other sessions a put replaces, and how the store keeps the entry. */
export interface PutRules {
  /** Those of any session, whatever their value. */
  readonly overwrites?: boolean;
  /** Those of these sessions, if they have the same value. */
  readonly takeOver?: ReadonlySet<string>;
  /** Absent for an entry at its key that the session owns. Not every store has all forms: `entryFormProblem`. */
  readonly form?: EntryForm | undefined;
}

/** A store to read and write. Disposing closes connections and keeps the entries of open sessions. */
export interface Keyspace extends KeySource, KeySink, AsyncDisposable {
  /** For display: without credentials. */
  readonly url: string;
  /**
   * Lists the entries at or below a folder such as `services`, or all for the empty string, whose keys do not begin with a
   * slash: no watch yields them. Absent for a store in which every key begins with one; empty where a slash is put before them.
   */
  listSlashless?(folder: string, signal: AbortSignal): Promise<ReadonlyMap<string, Entry>>;
  /**
   * This store as it was at an earlier revision: `watch` yields one reset, and nothing after it; no session can be opened. Reading
   * throws KEYSPACE_REVISION_UNAVAILABLE if the store does not have the revision. Absent for a store without a past. It needs no
   * disposal of its own.
   */
  at?(revision: string): Past;
}

/** What can be read of a store at an earlier revision. */
export type Past = Pick<Keyspace, "url" | "watch" | "listSlashless">;
