import type { EntryChange } from "../../../lib/keyspace/session-state.ts";
import type { Entries } from "../../../lib/model/entry.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";

/** The behaviour of `SessionState` in a simple form: it visits every key each time. */
export class PlainSessionState {
  readonly #states = new Map<string, PlainKeyState>();
  readonly #restoreEveryMs: number;

  constructor(restoreEveryMs: number) {
    this.#restoreEveryMs = restoreEveryMs;
  }

  due(desired: Entries, nowMs: number): EntryChange[] {
    const changes: EntryChange[] = [];
    for (const key of this.#states.keys()) {
      if (!desired.has(key)) changes.push({ kind: "remove", key });
    }
    for (const [key, value] of desired) {
      const state = this.#states.get(key);
      if (state?.confirmed === value && !state.isDisplaced) continue;
      if (state?.confirmed !== value) changes.push({ kind: "put", key, value });
      else if (this.#restorableAtMs(state) <= nowMs) changes.push({ kind: "restore", key, value });
    }
    return changes;
  }

  nextDueMs(): number | undefined {
    const displaced = [...this.#states.values()].filter((state) => state.isDisplaced);
    if (displaced.length === 0) return undefined;
    return Math.min(...displaced.map((state) => this.#restorableAtMs(state)));
  }

  begin({ key }: EntryChange): void {
    const before = this.#states.get(key);
    this.#states.set(key, {
      storeKey: before?.storeKey ?? key,
      confirmed: undefined,
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
      return;
    }
    state.confirmed = change.value;
    state.storeKey = storeKey;
    if (change.kind === "restore") state.restoredAtMs = nowMs;
  }

  observe(snapshot: Snapshot): void {
    for (const state of this.#states.values()) {
      if (state.confirmed === undefined) continue;
      const { value, owner } = snapshot.get(state.storeKey) ?? {};
      const isSame = value === state.confirmed && owner !== undefined;
      state.isDisplaced = state.isObserved && !isSame;
      state.isObserved ||= isSame;
    }
  }

  #restorableAtMs({ restoredAtMs }: PlainKeyState): number {
    return restoredAtMs + this.#restoreEveryMs;
  }
}

interface PlainKeyState {
  storeKey: string;
  confirmed: string | undefined;
  isObserved: boolean;
  isDisplaced: boolean;
  restoredAtMs: number;
}
