import type { Clock } from "../base/clock.ts";
import { type Backoff, delayMs } from "../base/retry.ts";
import type { Entry } from "../model/entry.ts";
import type { Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Suspicion } from "./suspects.ts";

interface QuarantinedEntry {
  readonly entry: Entry;
  readonly why: string;
  /** How often the entry was found to be the cause of a rejection. */
  readonly failures: number;
  /** When the entry is tried again. */
  readonly dueMs: number;
}

/** How the quarantine has changed after a successful attempt. */
export interface QuarantineChanges {
  readonly quarantined: readonly Quarantined[];
  /** Keys. */
  readonly released: readonly string[];
}

/**
 * The entries that are left out because a check command or a proxy rejects the texts that contain them. A suspected entry
 * is quarantined once an attempt without it has succeeded. It is tried again with a back-off, since its host name may be
 * resolvable later, and at once when it is changed.
 *
 * The caller renders without the keys of `beginAttempt`, and then calls `commit` if the texts were accepted, `isolate` if
 * they were rejected, and `rollBack` if the attempt ended for another reason.
 */
export class Quarantine {
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #entries = new Map<string, QuarantinedEntry>();
  /** Keys of quarantined entries that are part of the current attempt. */
  readonly #onTrial = new Set<string>();
  readonly #suspected = new Map<string, Quarantined & { readonly entry: Entry }>();
  #isLastAttempt = false;

  constructor(backoff: Backoff, clock: Clock, random: () => number) {
    this.#backoff = backoff;
    this.#clock = clock;
    this.#random = random;
  }

  get quarantined(): readonly Quarantined[] {
    return [...this.#entries.values()].map(({ entry, why }) => format(entry, why));
  }

  /** The time until the next entry is tried again, in milliseconds; undefined if none is quarantined. */
  get retryInMs(): number | undefined {
    if (this.#entries.size === 0) return undefined;
    const first = Math.min(...[...this.#entries.values()].map(({ dueMs }) => dueMs));
    return Math.max(0, first - this.#clock.now());
  }

  /** Begins an attempt with this snapshot. Returns the keys to leave out; entries that are due are tried again. */
  beginAttempt(snapshot: Snapshot): ReadonlySet<string> {
    for (const [key, { entry, dueMs }] of this.#entries) {
      const isDue = dueMs <= this.#clock.now() && !this.#suspected.has(key);
      if (snapshot.get(key) !== entry) this.#entries.delete(key);
      else if (isDue) this.#onTrial.add(key);
    }
    const keys = [...this.#entries.keys()].filter((key) => !this.#onTrial.has(key));
    return new Set([...keys, ...this.#suspected.keys()]);
  }

  /**
   * After a rejection: leaves the suspected entries out of the next attempt, if the caller permits one. If none is
   * suspected, the entries on trial are left out again, so that they do not delay the others. Returns whether there is to
   * be another attempt. `size` is the number of all entries.
   */
  isolate(suspicion: Suspicion | undefined, mayContinue: boolean, size: number): boolean {
    return (mayContinue && suspicion && this.#suspect(suspicion, size)) || this.rollBack();
  }

  /**
   * Returns false if the template must be at fault: more than half of all entries would be left out, or an entry was left
   * out for its line alone and the texts were rejected again.
   */
  #suspect({ entries, message, quoted }: Suspicion, size: number): boolean {
    const all = this.#entries.size + this.#suspected.size + entries.length;
    if (this.#isLastAttempt || all * 2 > size) return false;
    for (const entry of entries) {
      const why = this.#entries.get(entry.key)?.why ?? message;
      this.#suspected.set(entry.key, { ...format(entry, why), entry });
      this.#onTrial.delete(entry.key);
    }
    this.#isLastAttempt = !quoted;
    return true;
  }

  /** After a successful attempt: quarantines the suspected entries and releases the ones on trial. */
  commit(): QuarantineChanges {
    const added = [...this.#suspected.values()].filter(({ key }) => !this.#entries.has(key));
    for (const { key, entry, why } of this.#suspected.values()) this.#add(key, entry, why);
    const released = [...this.#onTrial].filter((key) => this.#entries.delete(key));
    this.#endAttempt();
    return { quarantined: added.map(({ entry, why }) => format(entry, why)), released };
  }

  /** After a failed attempt: clears all suspicions. Returns whether quarantined entries were tried; they wait again. */
  rollBack(): boolean {
    const tried = [...this.#onTrial, ...this.#suspected.keys()].filter((key) =>
      this.#entries.has(key),
    );
    for (const key of tried) {
      const { entry, why } = this.#entries.get(key) as QuarantinedEntry;
      this.#add(key, entry, why);
    }
    this.#endAttempt();
    return tried.length > 0;
  }

  #add(key: string, entry: Entry, why: string): void {
    const failures = (this.#entries.get(key)?.failures ?? 0) + 1;
    const dueMs = this.#clock.now() + delayMs(failures, this.#backoff, this.#random);
    this.#entries.set(key, { entry, why, failures, dueMs });
  }

  #endAttempt(): void {
    this.#onTrial.clear();
    this.#suspected.clear();
    this.#isLastAttempt = false;
  }
}

function format({ key, revision }: Entry, why: string): Quarantined {
  return { key, revision, why };
}
