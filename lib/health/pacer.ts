import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { abortable } from "../base/signal.ts";
import type { Check } from "./contract.ts";

/** How many probes start in a second at most. */
export const probesPerSecond = 1000;

/**
 * At most `burst` probes start in `tickMs` milliseconds. A busy agent starts fewer: a tick that comes late
 * is not made up for, so that other work gets its turn.
 */
const tickMs = 10;
const burst = (probesPerSecond * tickMs) / 1000;

/** The number of waiting probes from which on they are reported as delayed: those of a second. */
const delayedFrom = probesPerSecond;

export interface PacerDeps {
  readonly clock: Clock;
  /** Called when probes begin to wait for longer than a second, and when none waits any longer. */
  readonly onDelayed: (isDelayed: boolean) => void;
}

/**
 * Limits the rate at which the probes of some checks start, however many checks there are and however short their
 * intervals: they are probed less often then, in the order in which they became due. Other checks are not affected.
 */
export class Pacer {
  readonly #waiting = new Set<() => void>();
  readonly #arrivals = new Cell(undefined);

  /** The check with probes that wait for their turn; the wait is not part of their time limit. */
  paced(check: Check): Check {
    return {
      title: check.title,
      probe: async (signal) => {
        await this.#turn(signal);
        return await check.probe(signal);
      },
    };
  }

  /** Starts the probes. Ends only when `signal` aborts. */
  async run({ clock, onDelayed }: PacerDeps, signal: AbortSignal): Promise<never> {
    let isDelayed = false;
    for (;;) {
      const seen = this.#arrivals.version;
      const starting = [...this.#firstWaiting()];
      for (const start of starting) start();
      if (isDelayed ? this.#waiting.size === 0 : this.#waiting.size >= delayedFrom) {
        isDelayed = !isDelayed;
        onDelayed(isDelayed);
      }
      // Also where none is left: the next one may arrive at once.
      if (starting.length > 0) await clock.sleep(tickMs, signal);
      else await this.#arrivals.newer(seen, signal);
    }
  }

  *#firstWaiting(): Generator<() => void> {
    let count = 0;
    for (const start of this.#waiting) {
      if (count === burst) return;
      this.#waiting.delete(start);
      count += 1;
      yield start;
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    this.#arrivals.set(undefined);
    try {
      await abortable(promise, signal);
    } finally {
      this.#waiting.delete(resolve);
    }
  }
}
