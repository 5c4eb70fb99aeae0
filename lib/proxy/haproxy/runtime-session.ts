import { connect, type Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { abortable, race } from "../../base/signal.ts";

/** No more answers: the other side hung up, or was never there; or it says nothing. */
export type NoAnswer = "gone" | "silent";

/** How long an answer may take, in milliseconds. */
const answerMs = 1000;

/** How many commands are sent at a time. */
const batch = 100;

/** What haproxy says when it is ready for the next command: `> `, and through the master `master> `, `6375> `. */
const prompt = /(?:^|\n)(?:master|\d+)?> /g;

/** The longest that a prompt can be, of which the beginning may have arrived. */
const promptLength = 16;

/**
 * Many commands on one connection. It stays with the worker that took it, also when the path is another's
 * by now: an old worker can be asked whether it still takes connections, and is kept alive by it.
 */
export class RuntimeSession implements Disposable {
  readonly #connection: Socket;
  readonly #clock: Clock;
  readonly #answers: string[] = [];
  #asked = 0;
  #text = "";
  /** How much of the text holds no prompt. */
  #searched = 0;
  #arrived = Promise.withResolvers<void>();
  #closed = false;

  constructor(path: string, clock: Clock) {
    this.#clock = clock;
    this.#connection = connect(path).setEncoding("utf8");
    this.#connection.on("data", (chunk) => {
      this.#text += chunk;
      this.#read();
      this.#arrived.resolve();
    });
    this.#connection.on("close", () => {
      this.#closed = true;
      this.#arrived.resolve();
    });
    // An error is followed by close: whatever it is, no more will be heard.
    this.#connection.on("error", () => {});
  }

  /** Begins it, with a worker if it is the master's socket. */
  async begin(worker: number | undefined, signal: AbortSignal): Promise<NoAnswer | undefined> {
    const commands = worker === undefined ? ["prompt"] : ["prompt", `@!${worker}`];
    const answers = await this.ask(commands, signal);
    return typeof answers === "string" ? answers : undefined;
  }

  /** The answers to commands, without the line break at their end. */
  async ask(
    commands: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[] | NoAnswer> {
    const from = this.#asked;
    for (let at = 0; at < commands.length; at += batch) {
      const some = commands.slice(at, at + batch);
      this.#asked += some.length;
      if (!this.#closed) this.#connection.write(`${some.join("\n")}\n`);
      const heard = await race<NoAnswer | undefined>(
        signal,
        (s) => this.#heard(this.#asked, s),
        (s) => this.#clock.sleep(answerMs, s).then(() => "silent"),
      );
      if (heard !== undefined) return heard;
    }
    return this.#answers.slice(from);
  }

  /** Resolves once there are so many answers, also to what was asked before and given up. */
  async #heard(count: number, signal: AbortSignal): Promise<"gone" | undefined> {
    while (this.#answers.length < count) {
      if (this.#closed) return "gone";
      this.#arrived = Promise.withResolvers();
      await abortable(this.#arrived.promise, signal);
    }
    return undefined;
  }

  #read(): void {
    for (;;) {
      prompt.lastIndex = Math.max(0, this.#searched - promptLength);
      const found = prompt.exec(this.#text);
      if (!found) break;
      this.#answers.push(this.#text.slice(0, found.index).replace(/\n+$/, ""));
      this.#text = this.#text.slice(prompt.lastIndex);
      this.#searched = 0;
    }
    this.#searched = this.#text.length;
  }

  [Symbol.dispose](): void {
    this.#connection.destroy();
  }
}
