import { abortable } from "../base/signal.ts";
import type { Reading } from "../model/verdict.ts";
import type { Check } from "./contract.ts";

/** The fewest probes in flight that are used as a default. */
const fewest = 64;

/** The default limit of probes in flight: a quarter of the file descriptors that the process may open, and at least 64. */
export function defaultProbes(descriptors: number): number {
  return Math.max(fewest, Math.floor(descriptors / 4));
}

/** A probe that took at least so many milliseconds makes its check a slow one. */
const slowMs = 100;

interface Waiting {
  readonly admit: () => void;
}

/** The checks that were fast when they were last probed, or the others. */
interface Lane {
  inFlight: number;
  readonly waiting: Set<Waiting>;
}

/**
 * Limits how many probes are in flight. Slow checks have at most half of the places, and the two kinds take turns where both
 * wait: targets that do not answer do not delay the others. Where this process lacks a resource, the limit is lowered,
 * and raised again by one with each lap of readings.
 */
export class ProbeLimiter {
  #most: number;
  readonly #fast: Lane = { inFlight: 0, waiting: new Set() };
  readonly #slow: Lane = { inFlight: 0, waiting: new Set() };
  #limit: number;
  #next: Lane = this.#fast;
  /** Readings since the limit was last changed. */
  #readings = 0;

  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  /** Changes the limit, for the probes that start from now on. */
  set most(most: number) {
    this.#most = most;
    this.#limit = most;
    this.#admitWaiting();
  }

  /** The same check, whose probes wait for a place before they start. */
  limited(check: Check): Check {
    let lane = this.#fast;
    return {
      title: check.title,
      probe: async (signal) => {
        const current = lane;
        if (!this.#admitAtOnce(current)) await this.#admitted(current, signal);
        try {
          const reading = await check.probe(signal);
          lane = reading.tookMs >= slowMs ? this.#slow : this.#fast;
          this.#adapt(reading);
          return reading;
        } finally {
          current.inFlight -= 1;
          this.#admitWaiting();
        }
      },
    };
  }

  get #inFlight(): number {
    return this.#fast.inFlight + this.#slow.inFlight;
  }

  /** Whether it could be admitted without a wait: usually there are places, and a check costs no promise then. */
  #admitAtOnce(lane: Lane): boolean {
    const isAnyWaiting = this.#fast.waiting.size + this.#slow.waiting.size > 0;
    if (isAnyWaiting || this.#inFlight >= this.#limit || this.#isFull(lane)) return false;
    lane.inFlight += 1;
    this.#next = this.#other(lane);
    return true;
  }

  async #admitted(lane: Lane, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { admit: resolve };
    lane.waiting.add(waiting);
    this.#admitWaiting();
    if (!lane.waiting.has(waiting)) return;
    try {
      await abortable(promise, signal);
    } catch (error) {
      // It may have been admitted in the same turn.
      if (!lane.waiting.delete(waiting)) lane.inFlight -= 1;
      this.#admitWaiting();
      throw error;
    }
  }

  #admitWaiting(): void {
    while (this.#inFlight < this.#limit) {
      const lane = [this.#next, this.#other(this.#next)].find((one) => this.#mayStart(one));
      const [first] = lane?.waiting ?? [];
      if (!lane || !first) return;
      lane.waiting.delete(first);
      lane.inFlight += 1;
      this.#next = this.#other(lane);
      first.admit();
    }
  }

  #other(lane: Lane): Lane {
    return lane === this.#fast ? this.#slow : this.#fast;
  }

  #mayStart(lane: Lane): boolean {
    return lane.waiting.size > 0 && !this.#isFull(lane);
  }

  #isFull(lane: Lane): boolean {
    return lane === this.#slow && lane.inFlight >= Math.max(1, Math.floor(this.#limit / 2));
  }

  #adapt({ ok }: Reading): void {
    this.#readings += 1;
    if (ok === undefined) {
      // Probes that started before the limit was lowered must not lower it again.
      if (this.#inFlight <= this.#limit) {
        this.#limit = Math.max(1, Math.floor(this.#inFlight * 0.75));
        this.#readings = 0;
      }
    } else if (this.#limit < this.#most && this.#readings >= this.#limit * 4) {
      this.#limit += 1;
      this.#readings = 0;
    }
  }
}
