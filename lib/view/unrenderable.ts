import type { Clock } from "../base/clock.ts";
import { type Backoff, delayMs } from "../base/retry.ts";
import type { Entry } from "../model/entry.ts";
import type { Quarantined } from "../model/pool.ts";
import type { QuarantinedSince } from "./contract.ts";
import type { QuarantineChanges } from "./quarantine.ts";

/**
 * The entries that the last rendering left out because a file cannot hold them. Every rendering tries all of them, and
 * one is due with a back-off although nothing has changed, since a name may be resolvable later.
 */
export class Unrenderable {
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** By key and reason. */
  #entries: ReadonlyMap<string, QuarantinedSince> = new Map();
  /** By key, the revision. */
  #left: ReadonlyMap<string, string> = new Map();
  /** How many renderings in a row left out the same entries. */
  #renderings = 0;
  #dueMs = 0;

  constructor(backoff: Backoff, clock: Clock, random: () => number) {
    this.#backoff = backoff;
    this.#clock = clock;
    this.#random = random;
  }

  get quarantined(): readonly QuarantinedSince[] {
    return [...this.#entries.values()];
  }

  /** Whether the last rendering left out this entry. */
  has({ key, revision }: Entry): boolean {
    return this.#left.get(key) === revision;
  }

  /** The time until a rendering is due, in milliseconds; undefined if nothing is left out. */
  get retryInMs(): number | undefined {
    return this.#entries.size === 0 ? undefined : Math.max(0, this.#dueMs - this.#clock.now());
  }

  /** Call with the result of each rendering. Returns the entries that are left out now and were not before, and vice versa. */
  update(found: readonly Quarantined[]): QuarantineChanges {
    const before = this.#entries;
    const nowMs = this.#clock.now();
    this.#entries = new Map(
      found.map((one) => {
        const mark = `${one.key} ${one.why}`;
        return [mark, { ...one, sinceMs: before.get(mark)?.sinceMs ?? nowMs }];
      }),
    );
    const left = found.filter(({ isPartial }) => !isPartial);
    this.#left = new Map(left.map(({ key, revision }) => [key, revision]));
    const fresh = [...this.#entries].filter(([mark]) => !before.has(mark));
    const quarantined = fresh.map(([, { sinceMs, ...one }]) => one);
    const keys = new Set(found.map(({ key }) => key));
    const gone = [...before.values()].map(({ key }) => key).filter((key) => !keys.has(key));
    const released = [...new Set(gone)];
    this.#renderings = quarantined.length + released.length > 0 ? 1 : this.#renderings + 1;
    this.#dueMs = this.#clock.now() + delayMs(this.#renderings, this.#backoff, this.#random);
    return { quarantined, released };
  }
}
