import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import type { Entries, Entry } from "../model/entry.ts";
import { hasSameSeal } from "../model/seal.ts";
import { Snapshot } from "../model/snapshot.ts";
import { isSameButStamp } from "../model/stamp.ts";

/** One write that brings a session closer to the desired entries. `restore` puts an entry again that was displaced. */
export type EntryChange =
  | { readonly kind: "put" | "restore"; readonly key: string; readonly value: string }
  | { readonly kind: "remove"; readonly key: string };

interface KeyState {
  /** The key of the entry in the store; it differs from the key of the state where the store numbers entries. */
  storeKey: string;
  /** The value that the store has confirmed; undefined while a write is in flight, and after one has failed. */
  confirmed: string | undefined;
  /** The entry observed before the last write. */
  observedBefore: Entry | undefined;
  /** The confirmed value has been observed in the store. Only after that does its absence mean that it was displaced. */
  isObserved: boolean;
  /** Another client has removed or overwritten the entry, and it has not been restored yet. */
  isDisplaced: boolean;
  /** The time of the last restore, in milliseconds of the clock. */
  restoredAtMs: number;
}

/** So many removed keys are remembered, the last ones. */
const maxRemoved = 10_000;

/**
 * The confirmed state of one session, compared with the desired and the observed state. It visits only the keys
 * with news since the last call: a changed desired or observed entry, or a write.
 */
export class SessionState {
  readonly #states = new Map<string, KeyState>();
  readonly #keyByStoreKey = new Map<string, string>();
  readonly #restoreEveryMs: number;
  #desired: SharingMap<string> = SharingMap.of([]);
  #snapshot = Snapshot.empty;
  /** The keys with a confirmed state that may differ from the desired one. */
  readonly #unsettled = new Set<string>();
  /** The keys that were written since the last comparison with the observed state. */
  readonly #written = new Set<string>();
  /** The confirmed keys that have not been observed since, with the time of the confirmation; the oldest first. */
  readonly #unobserved = new Map<string, number>();
  /** The keys in the store of entries that this session has removed. */
  readonly #removed = new Set<string>();
  /**
   * The removed ones that are observed as entries of this session, since when: the observation lags behind, or the store was
   * restored from a backup, in which the session lives on.
   */
  readonly #returned = new Map<string, number>();
  #isObserving = false;
  readonly #session: string;
  readonly #isPersistent: (key: string) => boolean;

  /**
   * The state of the session with the id `session`. An entry that other clients displace again and again is restored once in
   * `restoreEveryMs` milliseconds; one that is not observed for so long after it was confirmed counts as displaced, and one that is
   * observed for so long after it was removed is removed again. Entries at persistent keys have no owner.
   */
  constructor(
    session: string,
    restoreEveryMs: number,
    isPersistent: (key: string) => boolean = () => false,
  ) {
    this.#session = session;
    this.#restoreEveryMs = restoreEveryMs;
    this.#isPersistent = isPersistent;
  }

  /**
   * The changes to make at `nowMs` so that the session holds exactly the desired entries; removals come last: an entry with
   * another key may replace the removed one.
   */
  due(desired: Entries, nowMs: number): EntryChange[] {
    const before = this.#desired;
    this.#desired = SharingMap.of(desired);
    for (const key of changedKeys(before, this.#desired)) this.#unsettled.add(key);
    const removals: EntryChange[] = [];
    const writes: EntryChange[] = [];
    for (const key of this.#unsettled) {
      const [state, value] = [this.#states.get(key), this.#desired.get(key)];
      if (isSettled(state, value)) this.#unsettled.delete(key);
      else if (value === undefined) removals.push({ kind: "remove", key });
      else if (!state || !isAsWritten(state.confirmed, value))
        writes.push({ kind: "put", key, value });
      else if (this.#restorableAtMs(state) <= nowMs) writes.push({ kind: "restore", key, value });
    }
    for (const [key, sinceMs] of this.#returned)
      if (sinceMs + this.#restoreEveryMs <= nowMs) removals.push({ kind: "remove", key });
    return [...writes, ...removals];
  }

  /** When the next displaced entry may be restored or found, in milliseconds of the clock; undefined without one. */
  nextDueMs(): number | undefined {
    let nextMs = this.#isObserving ? this.#nextOverdueMs() : undefined;
    for (const key of this.#unsettled) {
      const state = this.#states.get(key);
      if (state?.isDisplaced) nextMs = Math.min(nextMs ?? Infinity, this.#restorableAtMs(state));
    }
    for (const sinceMs of this.#returned.values())
      nextMs = Math.min(nextMs ?? Infinity, sinceMs + this.#restoreEveryMs);
    return nextMs;
  }

  /** Records that a change is sent: the value in the store is unknown until `confirm`. */
  begin({ key }: EntryChange): void {
    const before = this.#states.get(key);
    const storeKey = before?.storeKey ?? key;
    this.#states.set(key, {
      storeKey,
      confirmed: undefined,
      observedBefore: this.#snapshot.get(storeKey),
      isObserved: false,
      isDisplaced: false,
      restoredAtMs: before?.restoredAtMs ?? Number.NEGATIVE_INFINITY,
    });
    this.#unsettled.add(key);
    this.#unobserved.delete(key);
    this.#returned.delete(storeKey);
  }

  /** Records that the store has confirmed a change; `storeKey` is the key that the put resolved with. */
  confirm(change: EntryChange, storeKey: string, nowMs: number): void {
    const { key } = change;
    const state = this.#states.get(key);
    if (!state) return;
    if (this.#keyByStoreKey.get(state.storeKey) === key) this.#keyByStoreKey.delete(state.storeKey);
    if (change.kind === "remove") {
      this.#states.delete(key);
      this.#rememberRemoved(state.storeKey);
      this.#findReturned(state.storeKey, this.#snapshot, nowMs);
      return;
    }
    state.confirmed = change.value;
    state.storeKey = storeKey;
    this.#removed.delete(storeKey);
    this.#returned.delete(storeKey);
    this.#keyByStoreKey.set(storeKey, key);
    this.#written.add(key);
    this.#unobserved.set(key, nowMs);
    if (change.kind === "restore") state.restoredAtMs = nowMs;
  }

  /** Compares with the observed state, which may lag behind the confirmed one by less than a TTL, and never goes back. */
  observe(snapshot: Snapshot, nowMs: number): void {
    this.#isObserving = true;
    for (const storeKey of snapshot.changedSince(this.#snapshot)) {
      const key = this.#keyByStoreKey.get(storeKey);
      if (key !== undefined) this.#compare(key, snapshot);
      this.#findReturned(storeKey, snapshot, nowMs);
    }
    for (const key of this.#written) this.#compare(key, snapshot);
    this.#written.clear();
    this.#snapshot = snapshot;
    for (const [key, confirmedAtMs] of this.#unobserved) {
      if (confirmedAtMs + this.#restoreEveryMs > nowMs) break;
      this.#unobserved.delete(key);
      const state = this.#states.get(key);
      if (state) this.#displace(key, state);
    }
  }

  /** When the entry that was confirmed first of the unobserved ones counts as displaced. */
  #nextOverdueMs(): number | undefined {
    const [confirmedAtMs] = this.#unobserved.values();
    return confirmedAtMs === undefined ? undefined : confirmedAtMs + this.#restoreEveryMs;
  }

  #compare(key: string, snapshot: Snapshot): void {
    const state = this.#states.get(key);
    if (state?.confirmed === undefined) return;
    const entry = snapshot.get(state.storeKey);
    // Without an owner, the entry would outlive this process.
    const isPersistent = this.#isPersistent(key);
    const hasOwner = entry?.owner !== undefined;
    const isAlike = isSameButStamp(entry?.value, state.confirmed);
    const isSame = entry !== undefined && hasOwner && isAlike;
    // A signature that does not fit is no entry to any reader that needs one.
    const isIntact = isAlike && hasSameSeal(entry?.value, state.confirmed);
    const isKept = isPersistent && !hasOwner && isIntact;
    const isOurs = isSame && entry.owner === this.#session;
    if (isKept || (isOurs && isIntact)) {
      state.isObserved = true;
      state.isDisplaced = false;
      this.#unobserved.delete(key);
    } else if (isSame && !isOurs && (state.isObserved || entry !== state.observedBefore)) {
      // Another session has taken the entry over, perhaps before it was observed as ours. Only a put finds out whether it
      // still has it.
      state.confirmed = undefined;
      this.#unobserved.delete(key);
      this.#unsettled.add(key);
    } else if (state.isObserved) this.#displace(key, state);
  }

  #rememberRemoved(storeKey: string): void {
    this.#removed.add(storeKey);
    const [oldest = ""] = this.#removed;
    if (this.#removed.size > maxRemoved) this.#removed.delete(oldest);
  }

  #findReturned(storeKey: string, snapshot: Snapshot, nowMs: number): void {
    const isOurs = snapshot.get(storeKey)?.owner === this.#session;
    if (!isOurs || this.#states.has(storeKey)) this.#returned.delete(storeKey);
    else if (this.#removed.has(storeKey) && !this.#returned.has(storeKey))
      this.#returned.set(storeKey, nowMs);
  }

  #displace(key: string, state: KeyState): void {
    state.isDisplaced = true;
    this.#unsettled.add(key);
  }

  #restorableAtMs({ restoredAtMs }: KeyState): number {
    return restoredAtMs + this.#restoreEveryMs;
  }
}

/** Whether the store has confirmed the desired value. A key that is not desired must have no state, not even an unknown one. */
function isSettled(state: KeyState | undefined, desired: string | undefined): boolean {
  if (!state || desired === undefined) return state === desired;
  return isAsWritten(state.confirmed, desired) && !state.isDisplaced;
}

/** Whether a value need not be written again: a stamp is no reason to, and a renewed signature is. */
function isAsWritten(confirmed: string | undefined, desired: string): boolean {
  return isSameButStamp(confirmed, desired) && hasSameSeal(confirmed, desired);
}
