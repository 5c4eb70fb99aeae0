import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { withTimeout } from "../base/timeout.ts";

/** How changes are debounced. */
export interface Settling {
  /** A change after this many milliseconds without one is applied at once; others wait for such a pause. */
  readonly quietMs: number;
  /** The maximum time that a change waits, in milliseconds. */
  readonly atMostMs: number;
  /**
   * After an update, the next one waits as long as the update took, but at most so many milliseconds: updates then take half of
   * the processor time at most. Absent for no such pause.
   */
  readonly pauseAtMostMs?: number;
}

/**
 * Debounces changes for which nothing has to be reloaded, such as those of a file. Most updates take less than 10 ms. `atMostMs`
 * is the maximum time that a change waits.
 */
export function promptSettling(atMostMs: number): Settling {
  return { quietMs: 5, atMostMs: Math.min(10, atMostMs), pauseAtMostMs: atMostMs };
}

/**
 * Debounces changes. The first one after a pause is not delayed: a dead instance leaves the proxy at once. Further ones
 * are gathered until no change has arrived for `quietMs`, or `atMostMs` have passed.
 */
export class Settler {
  readonly #settling: Settling;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** Whether the update of the last change is under way, as far as is known: until `next` is called again. */
  #isUpdating = false;
  /** The end of the pause after the last update. */
  #pauseEndMs = Number.NEGATIVE_INFINITY;

  constructor(settling: Settling, clock: Clock) {
    this.#settling = settling;
    this.#clock = clock;
  }

  /** Waits until the cell is newer than the version `seen` and has settled; returns its version then. */
  async next(cell: Cell<unknown>, seen: number, signal: AbortSignal): Promise<number> {
    const { quietMs, atMostMs } = this.#settling;
    const clock = this.#clock;
    this.endUpdate();
    await cell.newer(seen, signal);
    if (this.takesAtOnce()) return cell.version;
    const pauseMs = this.#pauseEndMs - clock.now();
    if (pauseMs > 0) await clock.sleep(pauseMs, signal);
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
    this.#take();
    return cell.version;
  }

  /** Whether a change that has arrived need not wait: then it is taken, as `next` does. */
  takesAtOnce(): boolean {
    const nowMs = this.#clock.now();
    const isQuiet = nowMs - this.#lastMs >= this.#settling.quietMs;
    if (!isQuiet || nowMs < this.#pauseEndMs) return false;
    this.#take();
    return true;
  }

  #take(): void {
    this.#lastMs = this.#clock.now();
    this.#isUpdating = true;
  }

  /** The update of the last change has ended, for `takesAtOnce`; `next` begins with it. */
  endUpdate(): void {
    if (!this.#isUpdating) return;
    this.#isUpdating = false;
    const nowMs = this.#clock.now();
    const tookMs = nowMs - this.#lastMs;
    this.#pauseEndMs = nowMs + Math.min(tookMs, this.#settling.pauseAtMostMs ?? 0);
  }
}
