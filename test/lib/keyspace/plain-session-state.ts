import type { EntryChange } from "../../../lib/keyspace/session-state.ts";
import type { Entries } from "../../../lib/model/entry.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";

/** What `Holdings` is to do, done the plain way: it looks at every key each time. */
export class PlainHoldings {
  readonly #held = new Map<string, Held>();
  readonly #restoreEveryMs: number;

  constructor(restoreEveryMs: number) {
    this.#restoreEveryMs = restoreEveryMs;
  }

  due(wanted: Entries, nowMs: number): EntryChange[] {
    const changes: EntryChange[] = [];
    for (const key of this.#held.keys()) {
      if (!wanted.has(key)) changes.push({ kind: "remove", key });
    }
    for (const [key, value] of wanted) {
      const held = this.#held.get(key);
      if (held?.value === value && !held.taken) continue;
      if (held?.value !== value) changes.push({ kind: "put", key, value });
      else if (this.#restorableAtMs(held) <= nowMs) changes.push({ kind: "restore", key, value });
    }
    return changes;
  }

  nextDueMs(): number | undefined {
    const taken = [...this.#held.values()].filter((held) => held.taken);
    if (taken.length === 0) return undefined;
    return Math.min(...taken.map((held) => this.#restorableAtMs(held)));
  }

  begin({ key }: EntryChange): void {
    const before = this.#held.get(key);
    const restoredAtMs = before?.restoredAtMs ?? Number.NEGATIVE_INFINITY;
    const shownAt = before?.shownAt ?? key;
    this.#held.set(key, { shownAt, value: undefined, seen: false, taken: false, restoredAtMs });
  }

  done(change: EntryChange, shownAt: string, nowMs: number): void {
    const held = this.#held.get(change.key);
    if (!held) return;
    if (change.kind === "remove") {
      this.#held.delete(change.key);
      return;
    }
    held.value = change.value;
    held.shownAt = shownAt;
    if (change.kind === "restore") held.restoredAtMs = nowMs;
  }

  compare(snapshot: Snapshot): void {
    for (const held of this.#held.values()) {
      if (held.value === undefined) continue;
      const same = snapshot.get(held.shownAt)?.value === held.value;
      held.taken = held.seen && !same;
      held.seen ||= same;
    }
  }

  #restorableAtMs({ restoredAtMs }: Held): number {
    return restoredAtMs + this.#restoreEveryMs;
  }
}

interface Held {
  shownAt: string;
  value: string | undefined;
  seen: boolean;
  taken: boolean;
  restoredAtMs: number;
}
