import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { race } from "../base/signal.ts";
import type { Sink } from "../control/contract.ts";

/** So many bytes may wait for a browser, beyond the first event. */
const mostWaiting = 1024 * 1024;

/** The time between two signs of life, in milliseconds. */
const aliveMs = 10_000;

/** A browser that gets events. */
export class Listener {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #isOver = new Cell(false);
  #most = mostWaiting;
  #isFirst = true;

  constructor(sink: Sink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** Ends it instead, if too much waits for it. */
  send(event: string): void {
    if (this.#isOver.value) return;
    if (this.#sink.waiting() > this.#most) {
      this.end();
      return;
    }
    if (event.startsWith("event: whole") && this.#isFirst) {
      this.#isFirst = false;
      this.#most += Buffer.byteLength(event);
    }
    this.#sink.write(event);
  }

  end(): void {
    if (!this.#isOver.value) this.#isOver.set(true);
  }

  /** Resolves once it has ended. */
  async run(signal: AbortSignal): Promise<void> {
    await race(
      signal,
      async (s) => void (await this.#isOver.until((isOver) => isOver, s)),
      (s) => this.#stayAlive(s),
    );
  }

  /** An event: the script of a page sees no comments, and shows how old its content is. */
  async #stayAlive(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(aliveMs, signal);
      this.send("event: alive\ndata: []\n\n");
    }
  }
}
