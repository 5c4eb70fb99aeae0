import type { Clock } from "../base/clock.ts";
import { type Backoff, delayMs } from "../base/retry.ts";
import type { Entry } from "../model/entry.ts";
import type { Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Suspicion } from "./suspects.ts";

interface Held {
  readonly entry: Entry;
  readonly why: string;
  /** How often it was found guilty. */
  readonly failures: number;
  /** When it may be tried again. */
  readonly dueMs: number;
}

/** What changed when a rendering passed. */
export interface QuarantineChanges {
  /** Those that are left out from now on. */
  readonly quarantined: readonly Quarantined[];
  /** Those that are back. */
  readonly released: readonly string[];
}

/**
 * The entries that are left out because a check, or a proxy, refuses what is rendered with them. One is
 * suspected at first; it is held once all the others have passed without it, and tried again after a
 * while, since names may come to be resolved. One that is written anew is a new one.
 */
export class Quarantine {
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #held = new Map<string, Held>();
  readonly #onTrial = new Set<string>();
  readonly #suspected = new Map<string, Quarantined & { readonly entry: Entry }>();
  #isLastTry = false;

  constructor(backoff: Backoff, clock: Clock, random: () => number) {
    this.#backoff = backoff;
    this.#clock = clock;
    this.#random = random;
  }

  /** Those that are held, for people. */
  get quarantined(): readonly Quarantined[] {
    return [...this.#held.values()].map(({ entry, why }) => shown(entry, why));
  }

  /** When somebody is due to be tried again, in milliseconds from now; undefined when nobody is held. */
  get retryInMs(): number | undefined {
    if (this.#held.size === 0) return undefined;
    const first = Math.min(...[...this.#held.values()].map(({ dueMs }) => dueMs));
    return Math.max(0, first - this.#clock.now());
  }

  /** The keys to leave out of a rendering of this snapshot. Those that are due are on trial: they are not. */
  beginAttempt(snapshot: Snapshot): ReadonlySet<string> {
    for (const [key, { entry, dueMs }] of this.#held) {
      const isDue = dueMs <= this.#clock.now() && !this.#suspected.has(key);
      if (snapshot.get(key) !== entry) this.#held.delete(key);
      else if (isDue) this.#onTrial.add(key);
    }
    const keys = [...this.#held.keys()].filter((key) => !this.#onTrial.has(key));
    return new Set([...keys, ...this.#suspected.keys()]);
  }

  /**
   * Has those who are suspected left out of the next rendering; returns whether there is to be one, among
   * `size` entries in all. Those who were only tried again must not keep the others waiting: where nobody is
   * suspected, or it has been tried often enough, they are left out once more.
   */
  isolate(suspicion: Suspicion | undefined, mayGoOn: boolean, size: number): boolean {
    return (mayGoOn && suspicion && this.#suspect(suspicion, size)) || this.rollBack();
  }

  /**
   * It makes no sense where more than half of all would be out, or where an entry that was suspected only for
   * its line was not to blame: then the template is at fault.
   */
  #suspect({ entries, message: words, quoted }: Suspicion, size: number): boolean {
    const all = this.#held.size + this.#suspected.size + entries.length;
    if (this.#isLastTry || all * 2 > size) return false;
    for (const entry of entries) {
      const why = this.#held.get(entry.key)?.why ?? words;
      this.#suspected.set(entry.key, { ...shown(entry, why), entry });
      this.#onTrial.delete(entry.key);
    }
    this.#isLastTry = !quoted;
    return true;
  }

  /** The rendering without those that `leftOut` named has passed: who was suspected is guilty. */
  commit(): QuarantineChanges {
    const held = [...this.#suspected.values()].filter(({ key }) => !this.#held.has(key));
    for (const { key, entry, why } of this.#suspected.values()) this.#hold(key, entry, why);
    const released = [...this.#onTrial].filter((key) => this.#held.delete(key));
    this.#forget();
    return { quarantined: held.map(({ entry, why }) => shown(entry, why)), released };
  }

  /** It was all in vain: nobody is suspected any more. Returns whether somebody was on trial, and is not now. */
  rollBack(): boolean {
    const tried = [...this.#onTrial, ...this.#suspected.keys()].filter((key) =>
      this.#held.has(key),
    );
    for (const key of tried) {
      const { entry, why } = this.#held.get(key) as Held;
      this.#hold(key, entry, why);
    }
    this.#forget();
    return tried.length > 0;
  }

  #hold(key: string, entry: Entry, why: string): void {
    const failures = (this.#held.get(key)?.failures ?? 0) + 1;
    const dueMs = this.#clock.now() + delayMs(failures, this.#backoff, this.#random);
    this.#held.set(key, { entry, why, failures, dueMs });
  }

  #forget(): void {
    this.#onTrial.clear();
    this.#suspected.clear();
    this.#isLastTry = false;
  }
}

function shown({ key, revision }: Entry, why: string): Quarantined {
  return { key, revision, why };
}
