import type { Fault } from "../base/fault.ts";
import { type Backoff, delayMs, type RetryDeps } from "../base/retry.ts";
import type { Entry } from "../model/entry.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { EntryChange } from "./session-state.ts";

interface Conflict {
  readonly fault: Fault;
  readonly value: string;
  /** The entry observed at the key before the put. */
  readonly observed: Entry | undefined;
  readonly attempts: number;
  /** The time of the next attempt, in milliseconds of the clock. */
  readonly retryAtMs: number;
}

/**
 * The puts that failed because another session holds the key, which may last for ever. Each is retried with back-off,
 * and at once when the entry observed at the key changes. Other keys do not wait for it.
 */
export class Conflicts {
  readonly #conflicts = new Map<string, Conflict>();
  readonly #backoff: Backoff;
  readonly #deps: RetryDeps;

  constructor(backoff: Backoff, deps: RetryDeps) {
    this.#backoff = backoff;
    this.#deps = deps;
  }

  get size(): number {
    return this.#conflicts.size;
  }

  /** The due changes to make now. Drops the conflicts of puts that are not due any longer. */
  eligible(due: readonly EntryChange[], observed: Snapshot | undefined): readonly EntryChange[] {
    if (this.#conflicts.size === 0) return due;
    const values = new Map(due.map((change) => [change.key, valueOf(change)]));
    for (const [key, { value }] of this.#conflicts) {
      if (values.get(key) !== value) this.#conflicts.delete(key);
    }
    const nowMs = this.#deps.clock.now();
    return due.filter(({ key }) => {
      const conflict = this.#conflicts.get(key);
      if (!conflict || conflict.retryAtMs <= nowMs) return true;
      return observed?.get(key) !== conflict.observed;
    });
  }

  /** Records the outcome of changes: the faults by key. `observed` is the snapshot from before they were made. */
  update(
    made: readonly EntryChange[],
    faults: ReadonlyMap<string, Fault>,
    observed: Snapshot | undefined,
  ): void {
    for (const change of made) {
      const fault = faults.get(change.key);
      if (fault) this.#add(change, fault, observed?.get(change.key));
      else this.#conflicts.delete(change.key);
    }
    if (faults.size > 0) this.#report();
  }

  /** The time of the next attempt, in milliseconds of the clock; undefined without conflicts. */
  nextDueMs(): number | undefined {
    if (this.#conflicts.size === 0) return undefined;
    return [...this.#conflicts.values()].reduce(
      (earliest, { retryAtMs }) => Math.min(earliest, retryAtMs),
      Number.POSITIVE_INFINITY,
    );
  }

  #add(change: EntryChange, fault: Fault, observed: Entry | undefined): void {
    const { clock, random } = this.#deps;
    const attempts = (this.#conflicts.get(change.key)?.attempts ?? 0) + 1;
    const retryAtMs = clock.now() + delayMs(attempts, this.#backoff, random);
    const value = valueOf(change) ?? "";
    this.#conflicts.set(change.key, { fault, value, observed, attempts, retryAtMs });
  }

  /** Reports the oldest conflict: the report stays the same for as long as that conflict lasts. */
  #report(): void {
    const { clock, onFault } = this.#deps;
    const [oldest] = this.#conflicts.values();
    if (oldest) onFault(oldest.fault, Math.max(0, oldest.retryAtMs - clock.now()));
  }
}

function valueOf(change: EntryChange): string | undefined {
  return change.kind === "remove" ? undefined : change.value;
}
