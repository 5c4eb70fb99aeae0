import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import type { Entries } from "../model/entry.ts";
import { Snapshot } from "../model/snapshot.ts";

/** One thing to do so that a session holds what is wanted. */
export type EntryChange =
  | { readonly kind: "put" | "restore"; readonly key: string; readonly value: string }
  | { readonly kind: "remove"; readonly key: string };

interface HeldKey {
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

/**
 * What one session holds, as far as we know. Only keys of which there is news are looked at: what is wanted or
 * shown there is not what it was the last time, or it was written since then.
 */
export class SessionState {
  readonly #held = new Map<string, HeldKey>();
  /** Which key's entry the store shows at a key. */
  readonly #keyShownAt = new Map<string, string>();
  readonly #restoreEveryMs: number;
  #wanted: SharingMap<string> = SharingMap.of([]);
  #snapshot = Snapshot.empty;
  /** Where something else than is wanted may be held. */
  readonly #open = new Set<string>();
  /** What was written since it was last compared with what the store shows. */
  readonly #written = new Set<string>();

  /** An entry that others keep taking away is put back no more often than every `restoreEveryMs`. */
  constructor(restoreEveryMs: number) {
    this.#restoreEveryMs = restoreEveryMs;
  }

  /** What has to be done at `nowMs` to hold exactly what is wanted; what is to be removed comes first. */
  due(wanted: Entries, nowMs: number): EntryChange[] {
    const before = this.#wanted;
    this.#wanted = SharingMap.of(wanted);
    for (const key of changedKeys(before, this.#wanted)) this.#open.add(key);
    const removals: EntryChange[] = [];
    const writes: EntryChange[] = [];
    for (const key of this.#open) {
      const [held, value] = [this.#held.get(key), this.#wanted.get(key)];
      if (isSettled(held, value)) this.#open.delete(key);
      else if (value === undefined) removals.push({ kind: "remove", key });
      else if (held?.value !== value) writes.push({ kind: "put", key, value });
      else if (this.#restorableAtMs(held) <= nowMs) writes.push({ kind: "restore", key, value });
    }
    return [...removals, ...writes];
  }

  /** When the next entry may be put back; undefined where none waits for it. */
  nextDueMs(): number | undefined {
    let nextMs: number | undefined;
    for (const key of this.#open) {
      const held = this.#held.get(key);
      if (held?.taken) nextMs = Math.min(nextMs ?? Infinity, this.#restorableAtMs(held));
    }
    return nextMs;
  }

  /** From here on nobody knows what the store has at this key, until `done`. */
  begin({ key }: EntryChange): void {
    const before = this.#held.get(key);
    const restoredAtMs = before?.restoredAtMs ?? Number.NEGATIVE_INFINITY;
    const shownAt = before?.shownAt ?? key;
    this.#held.set(key, { shownAt, value: undefined, seen: false, taken: false, restoredAtMs });
    this.#open.add(key);
  }

  /** `shownAt` is the key that a put resolved with. */
  done(change: EntryChange, shownAt: string, nowMs: number): void {
    const { key } = change;
    const held = this.#held.get(key);
    if (!held) return;
    this.#keyShownAt.delete(held.shownAt);
    if (change.kind === "remove") {
      this.#held.delete(key);
      return;
    }
    held.value = change.value;
    held.shownAt = shownAt;
    this.#keyShownAt.set(shownAt, key);
    this.#written.add(key);
    if (change.kind === "restore") held.restoredAtMs = nowMs;
  }

  /** Compares with what the store shows: it may be behind our writes, but it never goes back. */
  compare(snapshot: Snapshot): void {
    for (const shownAt of snapshot.changedSince(this.#snapshot)) {
      const key = this.#keyShownAt.get(shownAt);
      if (key !== undefined) this.#look(key, snapshot);
    }
    for (const key of this.#written) this.#look(key, snapshot);
    this.#written.clear();
    this.#snapshot = snapshot;
  }

  #look(key: string, snapshot: Snapshot): void {
    const held = this.#held.get(key);
    if (held?.value === undefined) return;
    const same = snapshot.get(held.shownAt)?.value === held.value;
    held.taken = held.seen && !same;
    held.seen ||= same;
    if (held.taken) this.#open.add(key);
  }

  #restorableAtMs({ restoredAtMs }: HeldKey): number {
    return restoredAtMs + this.#restoreEveryMs;
  }
}

/** Whether it is held as it is wanted; not wanted is to hold nothing, not even a value that nobody knows. */
function isSettled(held: HeldKey | undefined, wanted: string | undefined): boolean {
  if (!held || wanted === undefined) return held === wanted;
  return held.value === wanted && !held.taken;
}
