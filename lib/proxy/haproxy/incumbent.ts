import { connect, type Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { first, heed } from "../../base/signal.ts";
import { type Info, parseInfo } from "./show-info.ts";

const answerMs = 1000;

/**
 * The worker that serves before a reload. An open connection stays with the worker that took it, also when
 * the path is another's by now, so that the old worker can be asked whether it still takes connections.
 */
export class Incumbent implements Disposable {
  readonly #connection: Socket;
  readonly #clock: Clock;
  #received = "";
  #arrived = Promise.withResolvers<void>();
  #closed = false;

  /** Nobody needs to be there: then it has gone already. */
  constructor(path: string, clock: Clock) {
    this.#clock = clock;
    this.#connection = connect(path).setEncoding("utf8");
    this.#connection.on("data", (chunk) => {
      this.#received += chunk;
      this.#arrived.resolve();
    });
    this.#connection.on("close", () => {
      this.#closed = true;
      this.#arrived.resolve();
    });
    // An error is followed by close: whatever it is, no more will be heard from this worker.
    this.#connection.on("error", () => {});
    this.#connection.write("prompt\n");
  }

  /** Undefined once it has gone; "silent" when it does not answer within a second. */
  async info(signal: AbortSignal): Promise<Info | "silent" | undefined> {
    this.#received = "";
    if (!this.#closed) this.#connection.write("show info\n");
    return await first<Info | "silent" | undefined>(
      signal,
      (s) => this.#answer(s),
      (s) => this.#clock.sleep(answerMs, s).then(() => "silent"),
    );
  }

  async #answer(signal: AbortSignal): Promise<Info | undefined> {
    while (!this.#closed) {
      // The prompt comes after each answer.
      const info = this.#received.endsWith("\n> ") ? parseInfo(this.#received) : undefined;
      if (info) return info;
      this.#arrived = Promise.withResolvers();
      await heed(this.#arrived.promise, signal);
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#connection.destroy();
  }
}
