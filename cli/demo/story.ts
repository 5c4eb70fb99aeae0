import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { race } from "../../lib/base/signal.ts";

/** A step that did not happen in time. */
export class Missed extends Error {
  override readonly name = "Missed";
}

/** How long a step may take, in milliseconds. */
const limitMs = 15_000;

/** Tells what happens as it happens, and waits for what has to happen next. */
export class Story {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #seen = new Cell(undefined);

  constructor(write: (text: string) => void, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /** Prints a line with the seconds since the beginning. */
  tell(line: string): void {
    const seconds = ((this.#clock.now() - this.#startMs) / 1000).toFixed(2).padStart(6);
    this.#write(`${seconds}s  ${line}\n`);
  }

  /** Says that something was seen: whoever waits looks again. */
  readonly saw = (): void => {
    this.#seen.set(undefined);
  };

  /** Waits until `isSo`, and tells how long it took. Throws Missed at the limit. */
  async until(what: string, isSo: () => boolean, signal: AbortSignal): Promise<void> {
    const fromMs = this.#clock.now();
    const happened = async (s: AbortSignal): Promise<boolean> => {
      for (;;) {
        const version = this.#seen.version;
        if (isSo()) return true;
        await this.#seen.newer(version, s);
      }
    };
    const inTime = await race(signal, happened, (s) =>
      this.#clock.sleep(limitMs, s).then(() => false),
    );
    if (!inTime) throw new Missed(`not so after ${formatDuration(limitMs)}: ${what}`);
    this.tell(`✔ ${what} (${formatDuration(this.#clock.now() - fromMs)})`);
  }
}
