import type { Clock } from "../../base/clock.ts";

/** An answer that comes sooner was not held back, in milliseconds. */
const heldMs = 1000;

/** So many answers in a row are followed by the next question at once. */
const burst = 10;

/** The first wait after that, which doubles with each further `burst`, and the longest one, in milliseconds. */
const [firstWaitMs, maxWaitMs] = [250, 15_000];

/** An answer without a change, as of a server that does not wait, counts for so many. */
const idleWeight = 10;

/**
 * Limits the rate of a query that is asked again after each answer. What changes now and then is asked for at once; what changes all
 * the time, for minutes, ever more rarely, up to once in 15 s.
 */
export class QueryPace {
  readonly #clock: Clock;
  #askedMs: number;
  #streak = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#askedMs = clock.now();
  }

  /** To be called after each answer: waits until the next question is due. */
  async wait(hadChange: boolean, signal: AbortSignal): Promise<void> {
    const tookMs = this.#clock.now() - this.#askedMs;
    this.#streak = tookMs >= heldMs ? 0 : this.#streak + (hadChange ? 1 : idleWeight);
    const excess = this.#streak - burst;
    if (excess > 0) {
      const waitMs = firstWaitMs * 2 ** Math.floor(excess / burst);
      await this.#clock.sleep(Math.min(maxWaitMs, waitMs), signal);
    }
    this.#askedMs = this.#clock.now();
  }
}
