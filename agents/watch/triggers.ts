import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { race } from "../../lib/base/signal.ts";
import { Settler } from "../../lib/view/settle.ts";
import type { Debounce } from "./debounce.ts";

/** The reasons to reconcile a group, each with a cell of its own. */
export interface TriggerCells {
  /** Keys, addresses or retained instances have changed, and its files may be other ones. */
  readonly changed: Cell<unknown>;
  /** A template was edited. */
  readonly edits: Cell<unknown>;
  /** It is asked for, or the cause of a failure has changed. */
  readonly retries: Cell<unknown>;
}

/** The reason for a reconciliation, as far as it matters. */
export interface Trigger {
  /** It is asked for, or the cause of a failure has changed. */
  readonly isRetryAsked: boolean;
  /** The version of `retries`. */
  readonly retries: number;
}

/** Waits for the next reason to reconcile. Every reason causes one reconciliation. */
export class Triggers {
  readonly #cells: TriggerCells;
  readonly #settler: Settler;
  readonly #onChange: () => void;
  readonly #clock: Clock;
  #seen = { changed: 0, edits: 0, retries: 0 };

  constructor(cells: TriggerCells, { settling, onChange }: Debounce, clock: Clock) {
    this.#cells = cells;
    this.#settler = new Settler(settling, clock);
    this.#onChange = onChange;
    this.#clock = clock;
  }

  /** Resolves at the next reason, or after `retryInMs` if that is given. */
  async next(retryInMs: number | undefined, signal: AbortSignal): Promise<Trigger> {
    const { changed, edits, retries } = this.#cells;
    const seen = this.#seen;
    await race<unknown>(
      signal,
      (s) => this.#settler.next(changed, seen.changed, s),
      (s) => edits.newer(seen.edits, s),
      (s) => retries.newer(seen.retries, s),
      ...(retryInMs === undefined ? [] : [(s: AbortSignal) => this.#clock.sleep(retryInMs, s)]),
    );
    this.#seen = {
      changed: changed.version,
      edits: edits.version,
      retries: retries.version,
    };
    if (changed.version > seen.changed) this.#onChange();
    return { isRetryAsked: retries.version > seen.retries, retries: retries.version };
  }
}
