import type { Entries } from "../model/entry.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** One thing to do so that a session holds what is wanted. */
export type Change =
  | { readonly kind: "put" | "restore"; readonly key: string; readonly value: string }
  | { readonly kind: "remove"; readonly key: string };

interface Holding {
  /** Where the store shows it. */
  shownAt: string;
  /** What the store has; undefined where that is not known: a write is under way, or failed. */
  value: string | undefined;
  /** The value has been seen in the store. Only then does its absence mean that somebody took it. */
  seen: boolean;
  /** When it was found to be taken and so has to be put back; undefined once it is. */
  taken: boolean;
  /** When it was last put back, in milliseconds of the clock. */
  restoredAtMs: number;
}

/** What one session holds, as far as we know. */
export class Holdings {
  readonly #held = new Map<string, Holding>();
  readonly #restoreEveryMs: number;

  /** An entry that others keep taking away is put back no more often than every `restoreEveryMs`. */
  constructor(restoreEveryMs: number) {
    this.#restoreEveryMs = restoreEveryMs;
  }

  /** What has to be done at `nowMs` to hold exactly what is wanted. */
  due(wanted: Entries, nowMs: number): Change[] {
    const changes: Change[] = [];
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

  /** When the next entry may be put back; undefined where none waits for it. */
  nextDueMs(): number | undefined {
    const waiting = [...this.#held.values()].filter(({ taken }) => taken);
    if (waiting.length === 0) return undefined;
    return Math.min(...waiting.map((held) => this.#restorableAtMs(held)));
  }

  /** From here on nobody knows what the store has at this key, until `done`. */
  begin({ key }: Change): void {
    const before = this.#held.get(key);
    const restoredAtMs = before?.restoredAtMs ?? Number.NEGATIVE_INFINITY;
    const shownAt = before?.shownAt ?? key;
    this.#held.set(key, { shownAt, value: undefined, seen: false, taken: false, restoredAtMs });
  }

  /** `shownAt` is the key that a put resolved with. */
  done(change: Change, shownAt: string, nowMs: number): void {
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

  /** Compares with what the store shows: it may be behind our writes, but it never goes back. */
  compare(snapshot: Snapshot): void {
    for (const held of this.#held.values()) {
      if (held.value === undefined) continue;
      const same = snapshot.get(held.shownAt)?.value === held.value;
      held.taken = held.seen && !same;
      held.seen ||= same;
    }
  }

  #restorableAtMs({ restoredAtMs }: Holding): number {
    return restoredAtMs + this.#restoreEveryMs;
  }
}
