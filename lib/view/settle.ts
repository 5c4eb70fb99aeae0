import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { withTimeout } from "../base/timeout.ts";

/** How changes are debounced. */
export interface Settling {
  /** A change after this many milliseconds without one is applied at once; others wait for such a pause. */
  readonly quietMs: number;
  /** The maximum time that a change waits, in milliseconds. */
  readonly atMostMs: number;
}

/**
 * Debounces changes. The first one after a pause is not delayed: a dead instance leaves the proxy at once. Further ones
 * are gathered until no change has arrived for `quietMs`, or `atMostMs` have passed.
 */
export class Settler {
  readonly #settling: Settling;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(settling: Settling, clock: Clock) {
    this.#settling = settling;
    this.#clock = clock;
  }

  /** Waits until the cell is newer than the version `seen` and has settled; returns its version then. */
  async next(cell: Cell<unknown>, seen: number, signal: AbortSignal): Promise<number> {
    const { quietMs, atMostMs } = this.#settling;
    const clock = this.#clock;
    await cell.newer(seen, signal);
    const arrivedMs = clock.now();
    let version = cell.version;
    let isQuiet = arrivedMs - this.#lastMs >= quietMs;
    while (!isQuiet) {
      const waitMs = Math.min(quietMs, arrivedMs + atMostMs - clock.now());
      if (waitMs <= 0) break;
      const newer = (s: AbortSignal) => cell.newer(version, s).then(() => false);
      isQuiet = await withTimeout(waitMs, newer, () => true, clock, signal);
      version = cell.version;
    }
    this.#lastMs = clock.now();
    return cell.version;
  }
}
