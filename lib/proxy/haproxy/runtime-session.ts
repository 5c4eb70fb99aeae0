import { connect, type Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { abortable } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import { answerMs } from "./send-command.ts";

/** Why there is no answer: the connection was closed or could not be opened, or the worker does not answer in time. */
export type SessionFailure = "closed" | "silent";

/** The number of commands that are sent without waiting for their answers. */
const batchSize = 100;

/** haproxy's prompt, with which each answer ends: `> `, and through the master `master> ` or `6375> `. */
const prompt = /(?:^|\n)(?:master|\d+)?> /g;

/** The maximum length of a prompt. It may arrive in two parts. */
const promptLength = 16;

/**
 * Sends many commands on one connection. It stays with the worker that accepted it, even after a reload: so an old worker
 * can be asked whether it still accepts connections, and is kept alive by it.
 */
export class RuntimeSession implements Disposable {
  readonly #connection: Socket;
  readonly #clock: Clock;
  readonly #answers: string[] = [];
  /** The number of commands sent. */
  #sent = 0;
  #text = "";
  /** The length of the part of the text that is known to hold no prompt. */
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
    // An error is always followed by close.
    this.#connection.on("error", () => {});
  }

  /** Starts the session, with the worker of this process id if the socket is the master's. */
  async start(
    worker: number | undefined,
    signal: AbortSignal,
  ): Promise<SessionFailure | undefined> {
    const commands = worker === undefined ? ["prompt"] : ["prompt", `@!${worker}`];
    const answers = await this.execute(commands, signal);
    return typeof answers === "string" ? answers : undefined;
  }

  /** Executes the commands in order. Returns their answers, each without the line break at its end. */
  async execute(
    commands: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[] | SessionFailure> {
    const from = this.#sent;
    for (let at = 0; at < commands.length; at += batchSize) {
      const batch = commands.slice(at, at + batchSize);
      this.#sent += batch.length;
      if (!this.#closed) this.#connection.write(`${batch.join("\n")}\n`);
      const failure = await withTimeout(
        answerMs,
        (s) => this.#waitForAnswers(this.#sent, s),
        (): SessionFailure => "silent",
        this.#clock,
        signal,
      );
      if (failure !== undefined) return failure;
    }
    return this.#answers.slice(from);
  }

  /** Resolves once there are `count` answers, including late ones to commands that timed out before. */
  async #waitForAnswers(count: number, signal: AbortSignal): Promise<"closed" | undefined> {
    while (this.#answers.length < count) {
      if (this.#closed) return "closed";
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
