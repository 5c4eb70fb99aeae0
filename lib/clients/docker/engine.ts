import { type Dispatcher, Pool } from "undici";
import { systemCode } from "../../base/fault.ts";
import type { Container, EngineEvent } from "./contract.ts";
import { unreachable } from "./errors.ts";
import { eventOf, followed } from "./events.ts";
import { faults } from "./faults.ts";
import { containerOf, type Inspected } from "./inspected.ts";

type Answer = Dispatcher.ResponseData;

/**
 * The Engine API of Docker or Podman over its unix socket. No call has a time limit of its own but its signal.
 * Each rejects with a retryable DOCKER_ fault, or with the reason of its signal.
 */
export class Engine implements AsyncDisposable {
  readonly socket: string;
  /** As many connections as there are calls at a time: one that hangs holds up none of the others. */
  readonly #pool: Pool;

  constructor(socket: string) {
    this.socket = socket;
    this.#pool = new Pool("http://docker", {
      socketPath: socket,
      // A stream of events may be silent for days.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Asks whether it answers, and returns the time of its clock: seconds since 1970, undefined if it does not say. */
  async ping(signal: AbortSignal): Promise<number | undefined> {
    const answer = await this.#ask("answer", "/_ping", signal);
    await this.#text(answer, signal);
    const atMs = Date.parse(String(answer.headers.date));
    return Number.isNaN(atMs) ? undefined : Math.floor(atMs / 1000);
  }

  /** The ids of all containers that run. */
  async list(signal: AbortSignal): Promise<readonly string[]> {
    const what = "list its containers";
    const answer = await this.#ask(what, "/containers/json", signal);
    const listed = this.#parsed(what, await this.#text(answer, signal));
    if (!Array.isArray(listed)) throw this.#unreadable(what);
    return listed.map(({ Id }: { readonly Id: string }) => Id);
  }

  /** One container; undefined where there is none, or none that runs. */
  async inspect(id: string, signal: AbortSignal): Promise<Container | undefined> {
    const what = `describe the container ${id.slice(0, 12)}`;
    const path = `/containers/${encodeURIComponent(id)}/json`;
    const answer = await this.#ask(what, path, signal, [404]);
    const text = await this.#text(answer, signal);
    if (answer.statusCode === 404) return undefined;
    const container = containerOf(this.#parsed(what, text) as Inspected);
    return container.state === "ended" ? undefined : container;
  }

  /** What happens to containers from a time on, which may lie in the past. Ends only by rejecting. */
  async *events(
    sinceSeconds: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent, never> {
    const what = "tell what happens";
    const since = sinceSeconds === undefined ? "" : `&since=${sinceSeconds}`;
    const filters = encodeURIComponent(JSON.stringify(followed));
    const answer = await this.#ask(what, `/events?filters=${filters}${since}`, signal);
    let rest = "";
    try {
      for await (const text of answer.body.setEncoding("utf8")) {
        const lines = `${rest}${text}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const event = line.trim() && eventOf(this.#parsed(what, line));
          if (event) yield event;
        }
      }
    } catch (error) {
      throw this.#failure(error, signal);
    }
    throw faults.DOCKER_EVENTS_ENDED({ socket: this.socket });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }

  /** An answer that says yes, or has one of the other statuses that mean something to the caller. */
  async #ask(
    what: string,
    path: string,
    signal: AbortSignal,
    alsoFine: readonly number[] = [],
  ): Promise<Answer> {
    const answer = await this.#pool.request({ method: "GET", path, signal }).catch((error) => {
      throw this.#failure(error, signal);
    });
    const { statusCode: status } = answer;
    if (status < 300 || alsoFine.includes(status)) return answer;
    const why = messageIn(await this.#text(answer, signal));
    const { socket } = this;
    throw status < 500
      ? faults.DOCKER_REFUSED({ socket, what, status, why })
      : faults.DOCKER_FAILED({ socket, what, why });
  }

  async #text({ body }: Answer, signal: AbortSignal): Promise<string> {
    try {
      return await body.text();
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  #parsed(what: string, text: string): unknown {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === "object" && parsed !== null) return parsed;
    } catch {
      // said below, as for any other text that is no answer of an engine
    }
    throw this.#unreadable(what);
  }

  #unreadable(what: string): Error {
    return faults.DOCKER_UNREADABLE({ socket: this.socket, what });
  }

  /** What an error of a request is to be thrown as. One without a code is a bug. */
  #failure(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (systemCode(error) === undefined) return error;
    return unreachable(this.socket, error);
  }
}

/** An engine says why in JSON; what stands between it and us may say it in another way. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message.trim();
  } catch {
    // not JSON
  }
  return text.trim().split("\n")[0]?.slice(0, 200) || "it does not say why";
}
