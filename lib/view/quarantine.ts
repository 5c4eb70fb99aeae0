import { createHash } from "node:crypto";
import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { type Backoff, delayMs } from "../base/retry.ts";
import type { Entry } from "../model/entry.ts";
import type { Quarantined, RememberedQuarantine, RememberedRejection } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { isSameButStamp, withoutStamp } from "../model/stamp.ts";
import type { Culprit } from "./bisect.ts";
import type { QuarantinedSince } from "./contract.ts";

/** How the quarantine has changed. */
export interface QuarantineChanges {
  readonly quarantined: readonly Quarantined[];
  /** Keys. */
  readonly released: readonly string[];
}

interface Held extends RememberedRejection {
  /** The entry in the snapshot; undefined until it was seen since the start. */
  readonly entry: Entry | undefined;
  /** Since when it is quarantined, or since the start if an earlier process has quarantined it. */
  readonly sinceMs: number;
  /** When the entry is tried again. */
  readonly dueMs: number;
  /** Another watcher was refused it, and this one has not tried it. */
  readonly byPeer: boolean;
}

/**
 * The entries that are left out because a check command or a proxy rejects the texts that contain them, each as long as
 * it has the same value. They are tried again with a back-off, since a host name may be resolvable later; and at once
 * when what judges them is another: the template or the check command.
 */
export class Quarantine {
  /** Counts the changes. */
  readonly changes = new Cell(0);
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** By key, in the order in which they were judged last. */
  readonly #held = new Map<string, Held>();
  #judge = "";

  constructor(backoff: Backoff, clock: Clock, random: () => number) {
    this.#backoff = backoff;
    this.#clock = clock;
    this.#random = random;
  }

  get quarantined(): readonly QuarantinedSince[] {
    return [...this.#held.values()].map(({ key, revision, why, sinceMs }) => {
      return { key, revision, why, sinceMs };
    });
  }

  /** Those of them that were refused here, and not only to another watcher; the one last that was judged last. */
  get refused(): readonly Quarantined[] {
    return [...this.#held.values()].filter(({ byPeer }) => !byPeer);
  }

  /** What the next process has to know. */
  get remembered(): RememberedQuarantine {
    const own = [...this.#held.values()].filter(({ byPeer }) => !byPeer);
    const rejections = own.map(({ entry, sinceMs, dueMs, byPeer, ...one }) => one);
    return { judge: this.#judge, rejections };
  }

  /** The time until the next entry is tried again, in milliseconds; undefined if none is quarantined. */
  get retryInMs(): number | undefined {
    if (this.#held.size === 0) return undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#held.values()) first = Math.min(first, dueMs);
    return Math.max(0, first - this.#clock.now());
  }

  /** The keys of the entries to try again, the one first that was judged the longest time ago. */
  get due(): readonly string[] {
    const nowMs = this.#clock.now();
    return [...this.#held.values()].filter(({ dueMs }) => dueMs <= nowMs).map(({ key }) => key);
  }

  /** Whether this entry is quarantined. */
  has({ key, value }: Entry): boolean {
    const held = this.#held.get(key);
    return held !== undefined && isHeld(held, value);
  }

  /** Takes over what an earlier process remembered. */
  restore({ judge, rejections }: RememberedQuarantine): void {
    this.#judge = judge;
    for (const one of rejections) {
      const sinceMs = this.#clock.now();
      const dueMs = sinceMs + delayMs(one.failures, this.#backoff, this.#random);
      this.#held.set(one.key, { ...one, entry: undefined, sinceMs, dueMs, byPeer: false });
    }
  }

  /** Names what judges the entries: if it is another than before, all of them are due. */
  judgedBy(judge: string): void {
    if (judge === this.#judge) return;
    this.#judge = judge;
    for (const [key, held] of this.#held) this.#held.set(key, { ...held, dueMs: 0 });
    if (this.#held.size > 0) this.#changed();
  }

  /** The keys to leave out of this snapshot. Entries that were removed or have another value are forgotten. */
  in(snapshot: Snapshot): ReadonlySet<string> {
    let isLess = false;
    for (const [key, held] of this.#held) {
      const entry = snapshot.get(key);
      if (entry && entry === held.entry) continue;
      if (entry && isHeld(held, entry.value)) this.#held.set(key, { ...held, entry });
      else isLess = this.#held.delete(key);
    }
    if (isLess) this.#changed();
    return new Set(this.#held.keys());
  }

  /** Quarantines entries, for longer if they are already. */
  add(culprits: readonly Culprit<Entry>[]): QuarantineChanges {
    return this.#add(culprits);
  }

  /** Quarantines for `restMs` milliseconds entries that another watcher was refused, but those that were refused here, too. */
  believe(culprits: readonly Culprit<Entry>[], restMs: number): QuarantineChanges {
    const news = culprits.filter(({ item }) => this.#held.get(item.key)?.byPeer !== false);
    return this.#add(news, restMs);
  }

  #add(culprits: readonly Culprit<Entry>[], restMs?: number): QuarantineChanges {
    const added = culprits.filter(({ item }) => !this.#held.has(item.key));
    for (const { item: entry, why } of culprits) {
      const { key, revision, value } = entry;
      const before = this.#held.get(key);
      const failures = (before?.failures ?? 0) + 1;
      const digest = before?.digest ?? digestOf(value);
      const byPeer = restMs !== undefined;
      const known = before?.byPeer === byPeer ? before.why : undefined;
      const rejection = {
        key,
        revision,
        digest,
        why: known ?? (why || before?.why || ""),
        failures,
        byPeer,
      };
      const nowMs = this.#clock.now();
      const sinceMs = before?.sinceMs ?? nowMs;
      const dueMs = nowMs + (restMs ?? delayMs(failures, this.#backoff, this.#random));
      this.#held.delete(key);
      this.#held.set(key, { ...rejection, entry, sinceMs, dueMs });
    }
    if (culprits.length > 0) this.#changed();
    const quarantined = added.map(({ item: { key, revision }, why }) => ({ key, revision, why }));
    return { quarantined, released: [] };
  }

  /** Entries that could not be judged wait again. */
  postpone(keys: readonly string[]): void {
    for (const key of keys) {
      const held = this.#held.get(key);
      if (!held) continue;
      const dueMs = this.#clock.now() + delayMs(held.failures, this.#backoff, this.#random);
      this.#held.set(key, { ...held, dueMs });
    }
  }

  /** These keys are accepted; others are ignored. */
  release(keys: Iterable<string>): QuarantineChanges {
    const released = [...keys].filter((key) => this.#held.delete(key));
    if (released.length > 0) this.#changed();
    return { quarantined: [], released };
  }

  #changed(): void {
    this.changes.set(this.changes.value + 1);
  }
}

function isHeld({ digest, entry }: Held, value: string): boolean {
  return entry ? isSameButStamp(entry.value, value) : digest === digestOf(value);
}

/** Values may be secret, and are not remembered. */
function digestOf(value: string): string {
  return createHash("sha256").update(withoutStamp(value)).digest("hex");
}
