import type { Fault } from "../base/fault.ts";
import { type Backoff, delayMs, type RetryDeps } from "../base/retry.ts";
import type { Entry } from "../model/entry.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { isSameButStamp } from "../model/stamp.ts";
import { type HeldEntry, heldEntryOf } from "./replaceable.ts";
import type { EntryChange } from "./session-state.ts";

/**
 * The sessions of other agents, by id, as far as is known: `alive` ones decide about their entries alone; from one that
 * `yields` they are taken over.
 */
export type OwnerStates = ReadonlyMap<string, "alive" | "yields">;

export interface ConflictDeps extends RetryDeps {
  /** Called with the sessions that hold our keys with our values, by key, whenever they change. */
  readonly onHeld?: (held: ReadonlyMap<string, string>) => void;
}

interface Conflict {
  readonly fault: Fault;
  readonly value: string;
  /** With KEYSPACE_KEY_HELD: the entry of the other session, with our value. */
  readonly held: HeldEntry | undefined;
  /** The entry observed before the put: at the key, or that of the other session. */
  readonly observed: Entry | undefined;
  readonly attempts: number;
  /** The time of the next attempt, in milliseconds of the clock; Infinity if it waits for a change. */
  readonly retryAtMs: number;
}

/**
 * The puts that failed because another session holds the key, which may last for ever. One with another value is retried
 * with back-off, and at once when the entry observed at the key changes. One with the same value waits until its session
 * yields or the entry changes. Other keys do not wait for them.
 */
export class Conflicts {
  readonly #conflicts = new Map<string, Conflict>();
  readonly #backoff: Backoff;
  readonly #deps: ConflictDeps;
  #held: ReadonlyMap<string, string> = new Map();

  constructor(backoff: Backoff, deps: ConflictDeps) {
    this.#backoff = backoff;
    this.#deps = deps;
  }

  /** The number of keys that other sessions hold with another value. */
  get size(): number {
    return this.#conflicts.size - this.#held.size;
  }

  /** The due changes to make now. Drops the conflicts of puts that are not due any longer. */
  eligible(
    due: readonly EntryChange[],
    observed: Snapshot | undefined,
    owners: OwnerStates,
  ): readonly EntryChange[] {
    if (this.#conflicts.size === 0) return due;
    const values = new Map(due.map((change) => [change.key, valueOf(change)]));
    for (const [key, conflict] of this.#conflicts) {
      if (!isSameButStamp(values.get(key), conflict.value)) this.#conflicts.delete(key);
      else this.#observe(key, conflict, observed);
    }
    this.#updateHeld();
    const nowMs = this.#deps.clock.now();
    return due.filter(({ key }) => {
      const conflict = this.#conflicts.get(key);
      if (!conflict || conflict.retryAtMs <= nowMs) return true;
      const entry = observed?.get(conflict.held?.storeKey ?? key);
      const isChanged = entry !== conflict.observed;
      return conflict.held ? isFree(conflict.held, entry, isChanged, owners) : isChanged;
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
      if (fault) this.#add(change, fault, observed);
      else this.#conflicts.delete(change.key);
    }
    this.#updateHeld();
    if (faults.size > 0) this.#report();
  }

  /** The time of the next attempt, in milliseconds of the clock; undefined if none has one. */
  nextDueMs(): number | undefined {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { retryAtMs } of this.#conflicts.values()) nextMs = Math.min(nextMs, retryAtMs);
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  #add(change: EntryChange, fault: Fault, snapshot: Snapshot | undefined): void {
    const { clock, random } = this.#deps;
    const attempts = (this.#conflicts.get(change.key)?.attempts ?? 0) + 1;
    const held = heldEntryOf(fault);
    // Without reading the store, no change of the entry is noticed.
    const isWaiting = held && snapshot;
    const waitMs = isWaiting ? Infinity : delayMs(attempts, this.#backoff, random);
    const retryAtMs = clock.now() + waitMs;
    const value = valueOf(change) ?? "";
    const observed = snapshot?.get(held?.storeKey ?? change.key);
    this.#conflicts.set(change.key, { fault, value, held, observed, attempts, retryAtMs });
  }

  /** Once the entry of another session is observed, its next change will be, too. */
  #observe(key: string, conflict: Conflict, snapshot: Snapshot | undefined): void {
    const { held } = conflict;
    const observed = held && snapshot?.get(held.storeKey);
    if (!observed || observed.owner !== held.owner || observed === conflict.observed) return;
    this.#conflicts.set(key, { ...conflict, observed, retryAtMs: Number.POSITIVE_INFINITY });
  }

  #updateHeld(): void {
    const all = [...this.#conflicts];
    const held = new Map(all.flatMap(([key, { held }]) => (held ? [[key, held.owner]] : [])));
    const isSame =
      held.size === this.#held.size && [...held].every(([key, one]) => this.#held.get(key) === one);
    if (isSame) return;
    this.#held = held;
    this.#deps.onHeld?.(held);
  }

  /** Reports the oldest conflict: the report stays the same for as long as that conflict lasts. */
  #report(): void {
    const { clock, onFault } = this.#deps;
    const oldest = [...this.#conflicts.values()].find(({ held }) => !held);
    if (oldest) onFault(oldest.fault, Math.max(0, oldest.retryAtMs - clock.now()));
  }
}

/**
 * Whether to try again to put a key that another session held. While that session is alive, an entry that it removes or
 * changes stays as it is: it has found the instance unhealthy, or drains it on purpose.
 */
function isFree(
  { owner, value }: HeldEntry,
  entry: Entry | undefined,
  isChanged: boolean,
  owners: OwnerStates,
): boolean {
  if (entry && entry.owner !== owner) return isChanged;
  const state = owners.get(owner);
  if (entry) return state === "yields" && entry.value === value;
  return state === "yields" || (state === undefined && isChanged);
}

function valueOf(change: EntryChange): string | undefined {
  return change.kind === "remove" ? undefined : change.value;
}
