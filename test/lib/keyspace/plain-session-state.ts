import type { EntryChange } from "../../../lib/keyspace/session-state.ts";
import type { Entries, Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";

/** The behaviour of `SessionState` in a simple form: it visits every key each time. */
export class PlainSessionState {
  readonly #states = new Map<string, PlainKeyState>();
  readonly #session: string;
  readonly #restoreEveryMs: number;
  /** The keys in the store that this session has removed. */
  readonly #removed = new Set<string>();
  /** Since when a removed one is observed as an entry of this session. */
  readonly #returned = new Map<string, number>();
  #isObserving = false;
  #snapshot = Snapshot.empty;

  constructor(session: string, restoreEveryMs: number) {
    this.#session = session;
    this.#restoreEveryMs = restoreEveryMs;
  }

  due(desired: Entries, nowMs: number): EntryChange[] {
    const changes: EntryChange[] = [];
    for (const key of this.#states.keys()) {
      if (!desired.has(key)) changes.push({ kind: "remove", key });
    }
    for (const [key, sinceMs] of this.#returned)
      if (sinceMs + this.#restoreEveryMs <= nowMs) changes.push({ kind: "remove", key });
    for (const [key, value] of desired) {
      const state = this.#states.get(key);
      if (state?.confirmed === value && !state.isDisplaced) continue;
      if (state?.confirmed !== value) changes.push({ kind: "put", key, value });
      else if (this.#restorableAtMs(state) <= nowMs) changes.push({ kind: "restore", key, value });
    }
    return changes;
  }

  nextDueMs(): number | undefined {
    const states = [...this.#states.values()];
    const times = [
      ...states.filter((state) => state.isDisplaced).map((state) => this.#restorableAtMs(state)),
      ...states.flatMap((state) => (this.#isObserving ? (this.#overdueAtMs(state) ?? []) : [])),
      ...[...this.#returned.values()].map((sinceMs) => sinceMs + this.#restoreEveryMs),
    ];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  begin({ key }: EntryChange): void {
    const before = this.#states.get(key);
    this.#returned.delete(before?.storeKey ?? key);
    this.#states.set(key, {
      storeKey: before?.storeKey ?? key,
      confirmed: undefined,
      confirmedAtMs: 0,
      observedBefore: this.#snapshot.get(before?.storeKey ?? key),
      isObserved: false,
      isDisplaced: false,
      restoredAtMs: before?.restoredAtMs ?? Number.NEGATIVE_INFINITY,
    });
  }

  confirm(change: EntryChange, storeKey: string, nowMs: number): void {
    const state = this.#states.get(change.key);
    if (!state) return;
    if (change.kind === "remove") {
      this.#states.delete(change.key);
      this.#removed.add(state.storeKey);
      this.#findReturned(nowMs);
      return;
    }
    this.#removed.delete(storeKey);
    this.#returned.delete(storeKey);
    state.confirmed = change.value;
    state.storeKey = storeKey;
    state.confirmedAtMs = nowMs;
    if (change.kind === "restore") state.restoredAtMs = nowMs;
  }

  observe(snapshot: Snapshot, nowMs: number): void {
    this.#isObserving = true;
    this.#snapshot = snapshot;
    this.#findReturned(nowMs);
    for (const state of this.#states.values()) {
      if (state.confirmed === undefined) continue;
      const entry = snapshot.get(state.storeKey);
      const { value, owner } = entry ?? {};
      const isSame = value === state.confirmed && owner !== undefined;
      const isOwn = isSame && owner === this.#session;
      if (isSame && !isOwn && (state.isObserved || entry !== state.observedBefore)) {
        state.confirmed = undefined;
        continue;
      }
      if (isOwn) Object.assign(state, { isObserved: true, isDisplaced: false });
      else if (state.isObserved) state.isDisplaced = true;
      state.isDisplaced ||= (this.#overdueAtMs(state) ?? Infinity) <= nowMs;
    }
  }

  #findReturned(nowMs: number): void {
    for (const storeKey of this.#removed) {
      const isOurs = this.#snapshot.get(storeKey)?.owner === this.#session;
      if (!isOurs || this.#states.has(storeKey)) this.#returned.delete(storeKey);
      else if (!this.#returned.has(storeKey)) this.#returned.set(storeKey, nowMs);
    }
  }

  /** When an entry that was not observed since its confirmation counts as displaced. */
  #overdueAtMs({ confirmed, confirmedAtMs, isObserved, isDisplaced }: PlainKeyState) {
    if (confirmed === undefined || isObserved || isDisplaced) return undefined;
    return confirmedAtMs + this.#restoreEveryMs;
  }

  #restorableAtMs({ restoredAtMs }: PlainKeyState): number {
    return restoredAtMs + this.#restoreEveryMs;
  }
}

interface PlainKeyState {
  storeKey: string;
  confirmed: string | undefined;
  confirmedAtMs: number;
  observedBefore: Entry | undefined;
  isObserved: boolean;
  isDisplaced: boolean;
  restoredAtMs: number;
}
