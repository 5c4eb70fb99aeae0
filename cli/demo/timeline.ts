import { Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { withTimeout } from "../../lib/base/timeout.ts";

/** A step was not reached in time, or a program does not start. */
export class DemoFailure extends Error {
  override readonly name = "DemoFailure";
}

/** Time limit of a step, in milliseconds. */
const limitMs = 15_000;

/** Prints the events of the demo with their times, and waits for its steps. */
export class Timeline {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #changes = new Cell(undefined);

  constructor(write: (text: string) => void, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /** Prints a line with the seconds since the start. */
  print(line: string): void {
    const seconds = ((this.#clock.now() - this.#startMs) / 1000).toFixed(2).padStart(6);
    this.#write(`${seconds}s  ${line}\n`);
  }

  /** Something was observed: the condition of the current step is evaluated again. */
  readonly changed = (): void => {
    this.#changes.set(undefined);
  };

  /** Waits until a step is reached and prints how long that took. Throws DemoFailure after 15 s. */
  async step(description: string, isReached: () => boolean, signal: AbortSignal): Promise<void> {
    const fromMs = this.#clock.now();
    await withTimeout(
      limitMs,
      (s) => untilAny([this.#changes], isReached, s),
      () => {
        throw new DemoFailure(`not reached within ${formatDuration(limitMs)}: ${description}`);
      },
      this.#clock,
      signal,
    );
    this.print(`✔ ${description} (${formatDuration(this.#clock.now() - fromMs)})`);
  }
}
