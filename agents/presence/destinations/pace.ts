import type { Clock } from "../../../lib/base/clock.ts";
import type { Pace } from "../../../lib/destination/contract.ts";

/** After so many observations of one change, the next ones are as rare as at rest. */
const mostOfOneChange = 20;

/** While the agent stops, not more often than this, in milliseconds. */
const hurriedMs = 1000;

/** While the agent stops, about so many observations. */
const hurriedCount = 4;

/**
 * When a destination is observed, and when registrations are asserted again: all machines of an account share the limit of
 * requests, so they must neither act in step nor ask often.
 */
export class DestinationPace {
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #random: () => number;
  #transitionMs: number;
  /** The next observation of a change; Infinity at rest. */
  #observeAtMs = Number.POSITIVE_INFINITY;
  /** When everything is asserted and observed again: first at the start, for what earlier processes have left. */
  #restAtMs: number;
  #observations = 0;

  constructor(
    pace: Pace,
    { clock, random }: { readonly clock: Clock; readonly random: () => number },
  ) {
    this.#pace = pace;
    this.#clock = clock;
    this.#random = random;
    this.#transitionMs = pace.transitionMs;
    this.#restAtMs = clock.now();
  }

  isObservationDue(): boolean {
    return this.waitMs() === 0;
  }

  isAssertionDue(): boolean {
    return this.#clock.now() >= this.#restAtMs;
  }

  /** In how many milliseconds the next observation is due. */
  waitMs(): number {
    return Math.max(0, Math.min(this.#observeAtMs, this.#restAtMs) - this.#clock.now());
  }

  /** A request was accepted: the destination is asked what came of it. */
  changed(): void {
    this.#observations = 0;
    this.#observeAtMs = Math.min(this.#observeAtMs, this.#nextMs());
  }

  /** It was observed; a registration may be in transition. */
  observed(isMoving: boolean): void {
    this.#observations += 1;
    const isSoon = isMoving && this.#observations < mostOfOneChange;
    this.#observeAtMs = isSoon ? this.#nextMs() : Number.POSITIVE_INFINITY;
    if (!this.isAssertionDue()) return;
    this.#restAtMs = this.#clock.now() + this.#pace.reassertMs * (0.5 + this.#random());
  }

  /** The agent stops within so many milliseconds: it asks a few times in them. */
  hurry(withinMs: number): void {
    const ms = Math.max(hurriedMs, withinMs / hurriedCount);
    this.#transitionMs = Math.min(this.#pace.transitionMs, ms);
    if (Number.isFinite(this.#observeAtMs)) this.changed();
  }

  /** Never sooner than the pace asks for. */
  #nextMs(): number {
    return this.#clock.now() + this.#transitionMs * (1 + this.#random() / 4);
  }
}
