import { type Dispatcher, Pool } from "undici";
import { systemCode } from "../../base/fault.ts";
import { limitedText } from "../http/limited-text.ts";
import { ApiError } from "./api-error.ts";

/** Limit of a list and of an event, in bytes: an EndpointSlice has at most 1000 endpoints. */
const [maxListBytes, maxEventBytes] = [64 * 1024 * 1024, 8 * 1024 * 1024];

/** How long the server may take to begin its response, and how long a watch may be silent, in milliseconds. */
const [headersTimeoutMs, silenceMs] = [10_000, 180_000];

/** After which time the server is asked to end a watch, in seconds: less than `silenceMs`. */
export const watchSeconds = 150;

export interface ApiServerSettings {
  /** `https://10.0.0.1:6443` */
  readonly origin: string;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  /** Called for each request: a token is rotated. */
  readonly token: () => Promise<string | undefined>;
}

/** An event of a watch: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** Client of the API server of Kubernetes. Each call rejects with an ApiError, or with the reason of its signal. */
export class ApiServer implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #token: ApiServerSettings["token"];

  constructor({ origin, tls, token }: ApiServerSettings) {
    const timeouts = { headersTimeout: headersTimeoutMs, bodyTimeout: silenceMs };
    this.#pool = new Pool(origin, { ...timeouts, connect: { ...tls, timeout: 5000 } });
    this.#token = token;
  }

  /** The JSON object at a path. */
  async get(path: string, signal: AbortSignal): Promise<object> {
    const response = await this.#request(path, signal);
    return parse(await this.#text(response, signal));
  }

  /** Streams the events of a watch until the server ends it. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const { body } = await this.#request(path, signal);
    let rest = "";
    try {
      for await (const text of body.setEncoding("utf8")) {
        const lines = `${rest}${text}`.split("\n");
        rest = lines.pop() ?? "";
        if (rest.length > maxEventBytes)
          throw new ApiError(`an event is longer than ${maxEventBytes} bytes`);
        for (const line of lines) if (line.trim()) yield parse(line) as WatchEvent;
      }
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }

  async #request(path: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const token = await this.#token();
    const headers = {
      accept: "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const response = await this.#pool
      .request({ method: "GET", path, headers, signal })
      .catch((error: unknown) => {
        throw this.#failure(error, signal);
      });
    if (response.statusCode < 300) return response;
    const text = await this.#text(response, signal);
    throw new ApiError(messageOf(text, response.statusCode), response.statusCode);
  }

  async #text({ body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<string> {
    try {
      const text = await limitedText(body as AsyncIterable<Buffer>, maxListBytes);
      if (text !== undefined) return text;
    } catch (error) {
      throw this.#failure(error, signal);
    }
    throw new ApiError(`a response is longer than ${maxListBytes} bytes`);
  }

  /** Converts an error of a request. An error without a code is a bug and is returned unchanged. */
  #failure(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof ApiError || systemCode(error) === undefined) return error;
    return new ApiError((error as Error).message, undefined, error);
  }
}

function parse(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // not JSON: thrown below
  }
  throw new ApiError("the response is not a JSON object");
}

/** The message of a `Status` object: `endpointslices.discovery.k8s.io is forbidden: User …`. */
function messageOf(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string" && message) return message;
  } catch {
    // not JSON, such as the page of a proxy
  }
  return `the server answered with status ${status}`;
}
