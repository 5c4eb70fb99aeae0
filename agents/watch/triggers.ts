import { Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { race } from "../../lib/base/signal.ts";
import type { Reason } from "../../lib/journal/contract.ts";
import { Settler } from "../../lib/view/settle.ts";
import type { Debounce } from "./debounce.ts";
import type { GroupChanges } from "./group-changes.ts";
import type { GroupPin } from "./pin/group-pin.ts";

/** The reasons to reconcile a group, each with a cell of its own. */
export interface TriggerCells {
  /** Keys, addresses or retained instances have changed, and its files may be other ones. */
  readonly changes: GroupChanges;
  /** A template was edited. */
  readonly edits: Cell<unknown>;
  /** It is asked for, or the cause of a failure has changed. */
  readonly retries: Cell<unknown>;
  /** Its texts are pinned, or no longer are. */
  readonly pin: Pick<GroupPin, "changes" | "reason">;
  /** Its turn to reload has come; absent where watchers take no turns. */
  readonly turn?: Cell<unknown> | undefined;
}

/** The reason for a reconciliation, as far as it matters. */
export interface Trigger {
  /** It is asked for, or the cause of a failure has changed. */
  readonly isRetryAsked: boolean;
  /** The version of `retries`. */
  readonly retries: number;
  /** All reasons but changed keys. */
  readonly reasons: readonly Reason[];
  /** When the first change was seen, in milliseconds of the clock. */
  readonly seenMs: number;
}

const noTurn: Cell<unknown> = new Cell(undefined);

/** Waits for the next reason to reconcile. Every reason causes one reconciliation. */
export class Triggers {
  readonly #cells: TriggerCells;
  readonly #settler: Settler;
  readonly #onChange: () => void;
  readonly #clock: Clock;
  #seen = { changes: 0, edits: 0, retries: 0, pin: 0, turn: 0 };

  constructor(cells: TriggerCells, { settling, onChange }: Debounce, clock: Clock) {
    this.#cells = cells;
    this.#settler = new Settler(settling, clock);
    this.#onChange = onChange;
    this.#clock = clock;
  }

  /** Resolves at the next reason, or after `retryInMs` if that is given. */
  async next(retryInMs: number | undefined, signal: AbortSignal): Promise<Trigger> {
    const { changes, edits, retries, pin, turn = noTurn } = this.#cells;
    const seen = this.#seen;
    await this.#reason(retryInMs, signal);
    this.#seen = {
      changes: changes.count.version,
      edits: edits.version,
      retries: retries.version,
      pin: pin.changes.version,
      turn: turn.version,
    };
    const news = changes.take();
    if (news) this.#onChange();
    const isRetryAsked = retries.version > seen.retries;
    const reasons: Reason[] = [];
    if (edits.version > seen.edits) reasons.push("template");
    reasons.push(...(news?.reasons ?? []));
    if (isRetryAsked) reasons.push("retry");
    if (pin.changes.version > seen.pin) reasons.push(pin.reason);
    if (reasons.length === 0 && !news) reasons.push("due");
    const seenMs = news?.seenMs ?? this.#clock.now();
    return { isRetryAsked, retries: retries.version, reasons, seenMs };
  }

  /** Changes that have to settle do not hold up another reason. Most changes need not: no race is built for these. */
  async #reason(retryInMs: number | undefined, signal: AbortSignal): Promise<void> {
    const { changes, edits, retries, pin, turn = noTurn } = this.#cells;
    const { changes: seen, ...other } = this.#seen;
    const isOther = () =>
      edits.version > other.edits ||
      retries.version > other.retries ||
      pin.changes.version > other.pin ||
      turn.version > other.turn;
    const isChanged = () => changes.count.version > seen;
    const cells = [edits, retries, pin.changes, turn];
    const others = (s: AbortSignal) => untilAny(cells, isOther, s);
    const any = (s: AbortSignal) =>
      untilAny([changes.count, ...cells], () => isChanged() || isOther(), s);
    const startMs = this.#clock.now();
    const due = (s: AbortSignal) => {
      const leftMs = startMs + (retryInMs ?? 0) - this.#clock.now();
      return this.#clock.sleep(Math.max(0, leftMs), s);
    };
    const orDue = retryInMs === undefined ? [] : [due];
    this.#settler.endUpdate();
    await (retryInMs === undefined ? any(signal) : race(signal, any, due));
    if (!isChanged() || this.#settler.takesAtOnce() || isOther()) return;
    const settled = (s: AbortSignal) => this.#settler.next(changes.count, seen, s);
    await race<unknown>(signal, settled, others, ...orDue);
  }
}
