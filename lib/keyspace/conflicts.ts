import type { Fault } from "../base/fault.ts";
import { type Backoff, delayMs, type RetryDeps } from "../base/retry.ts";
import type { Entry } from "../model/entry.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { EntryChange } from "./session-state.ts";

interface Conflict {
  readonly fault: Fault;
  readonly value: string;
  /** What the store showed at the key before it was put. */
  readonly shown: Entry | undefined;
  readonly times: number;
  /** When it is tried again, in milliseconds of the clock. */
  readonly againAtMs: number;
}

/**
 * The puts that found their key to be somebody else's, which it may be for ever: each is tried again with
 * back-off, and at once when the key is shown to have changed. Meanwhile it holds up nothing else.
 */
export class Conflicts {
  readonly #refused = new Map<string, Conflict>();
  readonly #backoff: Backoff;
  readonly #deps: RetryDeps;

  constructor(backoff: Backoff, deps: RetryDeps) {
    this.#backoff = backoff;
    this.#deps = deps;
  }

  get size(): number {
    return this.#refused.size;
  }

  /** Of all the changes that are due, those to be made now; a refusal of what is not due any more is forgotten. */
  eligible(due: readonly EntryChange[], shown: Snapshot | undefined): readonly EntryChange[] {
    if (this.#refused.size === 0) return due;
    const values = new Map(due.map((change) => [change.key, valueOf(change)]));
    for (const [key, { value }] of this.#refused) {
      if (values.get(key) !== value) this.#refused.delete(key);
    }
    const nowMs = this.#deps.clock.now();
    return due.filter(({ key }) => {
      const refused = this.#refused.get(key);
      return !refused || refused.againAtMs <= nowMs || shown?.get(key) !== refused.shown;
    });
  }

  /** Learns what became of changes: the faults by key. `shown` is what the store showed before they were made. */
  learn(
    made: readonly EntryChange[],
    faults: ReadonlyMap<string, Fault>,
    shown: Snapshot | undefined,
  ): void {
    for (const change of made) {
      const fault = faults.get(change.key);
      if (fault) this.#add(change, fault, shown?.get(change.key));
      else this.#refused.delete(change.key);
    }
    if (faults.size > 0) this.#say();
  }

  /** When the next one is tried again; undefined where there is none. */
  nextDueMs(): number | undefined {
    if (this.#refused.size === 0) return undefined;
    return [...this.#refused.values()].reduce(
      (earliest, { againAtMs }) => Math.min(earliest, againAtMs),
      Number.POSITIVE_INFINITY,
    );
  }

  #add(change: EntryChange, fault: Fault, shown: Entry | undefined): void {
    const { clock, random } = this.#deps;
    const times = (this.#refused.get(change.key)?.times ?? 0) + 1;
    const againAtMs = clock.now() + delayMs(times, this.#backoff, random);
    const value = valueOf(change) ?? "";
    this.#refused.set(change.key, { fault, value, shown, times, againAtMs });
  }

  /** Says the one that has stood for the longest: as long as it does, there is nothing new to say. */
  #say(): void {
    const { clock, onFault } = this.#deps;
    const [oldest] = this.#refused.values();
    if (oldest) onFault(oldest.fault, Math.max(0, oldest.againAtMs - clock.now()));
  }
}

function valueOf(change: EntryChange): string | undefined {
  return change.kind === "remove" ? undefined : change.value;
}
