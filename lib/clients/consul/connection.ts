import { type Dispatcher, Pool } from "undici";
import { systemCode } from "../../base/fault.ts";
import { limitedText } from "../http/limited-text.ts";
import { ConsulError } from "./errors.ts";

/** PEM texts for TLS. */
export interface ConsulTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** The longest answer, in bytes: all keys of a folder, with their values in base64. */
const maxBytes = 64 * 1024 * 1024;

/** How long connecting may take, in milliseconds. */
const connectMs = 5000;

export interface RawAnswer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly text: string;
}

export interface RawRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly body?: string | Buffer | undefined;
  readonly token?: string | undefined;
}

/** Connections to one server, kept for further requests. Each request rejects with a ConsulError, or the reason of its signal. */
export class ConsulConnection {
  readonly #pool: Pool;

  constructor(origin: string, tls: ConsulTls) {
    // Each request has a time limit of its own.
    const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
    this.#pool = new Pool(origin, { ...timeouts, connect: { ...tls, timeout: connectMs } });
  }

  async request(
    { method, path, body, token }: RawRequest,
    signal: AbortSignal,
  ): Promise<RawAnswer> {
    const headers = {
      accept: "application/json",
      ...(token !== undefined && { "x-consul-token": token }),
    };
    try {
      const response = await this.#pool.request({
        ...{ method, path, headers, signal },
        ...(body !== undefined && { body }),
      });
      const text = await limitedText(response.body as AsyncIterable<Buffer>, maxBytes);
      if (text === undefined)
        throw new ConsulError("unreadable", `the answer is longer than ${maxBytes} bytes`);
      return { status: response.statusCode, headers: response.headers, text };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // An error without a code is a bug.
      if (error instanceof ConsulError || systemCode(error) === undefined) throw error;
      const message = (error as Error).message || String(systemCode(error));
      throw new ConsulError("unreachable", message, undefined, error);
    }
  }

  /** Ends once the requests in progress have ended. */
  close(): void {
    this.#pool.close().catch(() => {});
  }

  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}
