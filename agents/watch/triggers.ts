import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { never, race, whenAborted } from "../../lib/base/signal.ts";
import type { Reason } from "../../lib/journal/contract.ts";
import { Settler, type Settling } from "../../lib/view/settle.ts";

/** The reasons to reconcile a group, each with a cell of its own. */
export interface TriggerCells {
  /** The keys have changed: waits until they settle. */
  readonly snapshot: Cell<unknown>;
  /** A template was edited. */
  readonly edits: Cell<unknown>;
  /** It is asked for, or the cause of a failure has changed. */
  readonly retries: Cell<unknown>;
  /** Retained instances have expired. */
  readonly expired: Cell<unknown>;
  /** Host names have been resolved, or have other addresses: waits until they settle. */
  readonly resolution: Cell<unknown>;
}

/** The reason for a reconciliation, as far as it matters. */
export interface Trigger {
  /** It is asked for, or the cause of a failure has changed. */
  readonly isRetryAsked: boolean;
  /** The version of `retries`. */
  readonly retries: number;
  /** All reasons but changed keys. */
  readonly reasons: readonly Reason[];
  /** When the first change was seen, in milliseconds of the clock: later than it came if a reconciliation ran meanwhile. */
  readonly seenMs: number;
}

/** Waits for the next reason to reconcile. Every reason causes one reconciliation. */
export class Triggers {
  readonly #cells: TriggerCells;
  readonly #settler: Settler;
  readonly #nameSettler: Settler;
  readonly #clock: Clock;
  #seen = { snapshot: 0, edits: 0, retries: 0, expired: 0, resolution: 0 };

  constructor(cells: TriggerCells, settling: Settling, clock: Clock) {
    this.#cells = cells;
    this.#settler = new Settler(settling, clock);
    this.#nameSettler = new Settler(settling, clock);
    this.#clock = clock;
  }

  /** Resolves at the next reason, or after `retryInMs` if that is given. */
  async next(retryInMs: number | undefined, signal: AbortSignal): Promise<Trigger> {
    const { snapshot, edits, retries, expired, resolution } = this.#cells;
    const seen = this.#seen;
    let seenMs: number | undefined;
    const noticed = async (s: AbortSignal) => {
      await snapshot.newer(seen.snapshot, s);
      seenMs = this.#clock.now();
      await whenAborted(s, never);
    };
    await race<unknown>(
      signal,
      (s) => this.#settler.next(snapshot, seen.snapshot, s),
      noticed,
      (s) => edits.newer(seen.edits, s),
      (s) => retries.newer(seen.retries, s),
      (s) => expired.newer(seen.expired, s),
      (s) => this.#nameSettler.next(resolution, seen.resolution, s),
      ...(retryInMs === undefined ? [] : [(s: AbortSignal) => this.#clock.sleep(retryInMs, s)]),
    );
    this.#seen = {
      snapshot: snapshot.version,
      edits: edits.version,
      retries: retries.version,
      expired: expired.version,
      resolution: resolution.version,
    };
    const isRetryAsked = retries.version > seen.retries;
    const reasons: Reason[] = [];
    if (edits.version > seen.edits) reasons.push("template");
    if (expired.version > seen.expired) reasons.push("expired");
    if (resolution.version > seen.resolution) reasons.push("names");
    if (isRetryAsked) reasons.push("retry");
    if (reasons.length === 0 && snapshot.version === seen.snapshot) reasons.push("due");
    seenMs ??= this.#clock.now();
    return { isRetryAsked, retries: retries.version, reasons, seenMs };
  }
}
