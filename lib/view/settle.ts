import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { race } from "../base/signal.ts";

/** When a change is handed on. */
export interface Settling {
  /** A change that comes after this long a rest is handed on at once; otherwise it waits for the next rest. */
  readonly quietMs: number;
  /** No change waits longer than this for the rest to come. */
  readonly atMostMs: number;
}

/**
 * Gathers changes that come close together. The first one after a rest is not delayed: a dead instance
 * leaves the proxy at once. Those on its heels are gathered until nothing comes for `quietMs`, but not
 * for ever.
 */
export class Settler {
  readonly #settling: Settling;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(settling: Settling, clock: Clock) {
    this.#settling = settling;
    this.#clock = clock;
  }

  /** Waits until the cell holds something newer than `seen` and has settled; returns the version it has then. */
  async next(cell: Cell<unknown>, seen: number, signal: AbortSignal): Promise<number> {
    const { quietMs, atMostMs } = this.#settling;
    const clock = this.#clock;
    await cell.newer(seen, signal);
    const arrivedMs = clock.now();
    let version = cell.version;
    let resting = arrivedMs - this.#lastMs >= quietMs;
    while (!resting) {
      const waitMs = Math.min(quietMs, arrivedMs + atMostMs - clock.now());
      if (waitMs <= 0) break;
      const moved = await race<boolean>(
        signal,
        (s) => cell.newer(version, s).then(() => true),
        (s) => clock.sleep(waitMs, s).then(() => false),
      );
      version = cell.version;
      resting = !moved;
    }
    this.#lastMs = clock.now();
    return cell.version;
  }
}
