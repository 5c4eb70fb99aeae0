import { type Dispatcher, Pool } from "undici";
import { systemCode } from "../../base/fault.ts";
import type { Container, EngineEvent } from "./contract.ts";
import { unreachable } from "./errors.ts";
import { eventFilters, eventOf } from "./events.ts";
import { faults } from "./faults.ts";
import { containerOf, type Inspected } from "./inspected.ts";
import { type ListedContainer, listedOf, type RawListed } from "./listed.ts";

type EngineResponse = Dispatcher.ResponseData;

/**
 * Client of the Engine API of Docker or Podman over its unix socket. Calls have no time limit except their signal.
 * Each rejects with a retryable DOCKER_ fault, or with the reason of its signal.
 */
export class Engine implements AsyncDisposable {
  readonly socket: string;
  /** One connection for each concurrent call, so that a call that hangs does not block others. */
  readonly #pool: Pool;

  constructor(socket: string) {
    this.socket = socket;
    this.#pool = new Pool("http://docker", {
      socketPath: socket,
      // The event stream may be idle for days.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Pings the engine and returns the time of its clock: seconds since 1970, undefined if it does not send it. */
  async ping(signal: AbortSignal): Promise<number | undefined> {
    const response = await this.#get("answer", "/_ping", signal);
    await this.#text(response, signal);
    const atMs = Date.parse(String(response.headers.date));
    return Number.isNaN(atMs) ? undefined : Math.floor(atMs / 1000);
  }

  /** All running containers. The engine lists them without waiting for ones that it has locked. */
  async list(signal: AbortSignal): Promise<readonly ListedContainer[]> {
    const action = "list its containers";
    const response = await this.#get(action, "/containers/json", signal);
    const listed = this.#parse(action, await this.#text(response, signal));
    if (!Array.isArray(listed)) throw this.#unreadable(action);
    return (listed as readonly RawListed[]).map(listedOf);
  }

  /** Inspects a container; undefined if it does not exist or does not run. */
  async inspect(id: string, signal: AbortSignal): Promise<Container | undefined> {
    const action = `inspect container ${id.slice(0, 12)}`;
    const path = `/containers/${encodeURIComponent(id)}/json`;
    const response = await this.#get(action, path, signal, [404]);
    const text = await this.#text(response, signal);
    if (response.statusCode === 404) return undefined;
    const container = containerOf(this.#parse(action, text) as Inspected);
    return container.state === "ended" ? undefined : container;
  }

  /** Streams events of containers since a time, which may be in the past. Ends only by rejecting. */
  async *events(
    sinceSeconds: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent, never> {
    const action = "stream its events";
    const since = sinceSeconds === undefined ? "" : `&since=${sinceSeconds}`;
    const filters = encodeURIComponent(JSON.stringify(eventFilters));
    const response = await this.#get(action, `/events?filters=${filters}${since}`, signal);
    let rest = "";
    try {
      for await (const text of response.body.setEncoding("utf8")) {
        const lines = `${rest}${text}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const event = line.trim() && eventOf(this.#parse(action, line));
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

  /** Sends a GET request. Throws for an error status, unless it is one of `alsoAccepted`. */
  async #get(
    action: string,
    path: string,
    signal: AbortSignal,
    alsoAccepted: readonly number[] = [],
  ): Promise<EngineResponse> {
    const response = await this.#pool.request({ method: "GET", path, signal }).catch((error) => {
      throw this.#failure(error, signal);
    });
    const { statusCode: status } = response;
    if (status < 300 || alsoAccepted.includes(status)) return response;
    const why = errorMessage(await this.#text(response, signal));
    const { socket } = this;
    throw status < 500
      ? faults.DOCKER_REFUSED({ socket, action, status, why })
      : faults.DOCKER_FAILED({ socket, action, why });
  }

  async #text({ body }: EngineResponse, signal: AbortSignal): Promise<string> {
    try {
      return await body.text();
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  #parse(action: string, text: string): unknown {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === "object" && parsed !== null) return parsed;
    } catch {
      // not JSON: thrown below
    }
    throw this.#unreadable(action);
  }

  #unreadable(action: string): Error {
    return faults.DOCKER_UNREADABLE({ socket: this.socket, action });
  }

  /** Converts an error of a request into a fault. An error without a code is a bug and is returned unchanged. */
  #failure(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (systemCode(error) === undefined) return error;
    return unreachable(this.socket, error);
  }
}

/** The message of an error response: JSON from an engine, plain text from a proxy in front of it. */
function errorMessage(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message.trim();
  } catch {
    // not JSON
  }
  return text.trim().split("\n")[0]?.slice(0, 200) || "no reason given";
}
