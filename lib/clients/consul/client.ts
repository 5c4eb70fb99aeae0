import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";
import { withTimeout } from "../../base/timeout.ts";
import { ConsulConnection, type ConsulTls, type RawAnswer, type RawRequest } from "./connection.ts";
import { ConsulError, errorOf } from "./errors.ts";

export interface ConsulSettings {
  /** `host:port` each, an IPv6 host in brackets; at least one. */
  readonly endpoints: readonly string[];
  /** Whether to connect with TLS. */
  readonly tls: boolean;
  /** Called for each new connection: the files may have been replaced. */
  readonly credentials: (signal: AbortSignal) => Promise<ConsulTls>;
  /** Called for each request: the token may have been replaced. */
  readonly token: (signal: AbortSignal) => Promise<string | undefined>;
}

export interface ConsulDeps {
  readonly clock: Clock;
  /** A number in [0, 1), to spread many agents over the endpoints. */
  readonly random: () => number;
}

export interface ConsulRequest extends Omit<RawRequest, "token" | "path"> {
  /** Below `/v1`, encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** In milliseconds. Default: 10 s. */
  readonly limitMs?: number;
  /** Error statuses that are results. */
  readonly accepts?: readonly number[];
}

/** The result of a query that Consul can hold back until there is a change. */
export interface ConsulResult {
  readonly status: number;
  readonly text: string;
  readonly index: number;
  /** Parts were left out that the token may not read. */
  readonly isFiltered: boolean;
}

const defaultLimitMs = 10_000;

/**
 * Client of the HTTP API of Consul. It keeps to one endpoint until that fails, and goes to the next one with the next request.
 * Each call rejects with a ConsulError, or with the reason of its signal.
 */
export class ConsulClient implements AsyncDisposable {
  readonly #settings: ConsulSettings;
  readonly #deps: ConsulDeps;
  #endpoint: number;
  #connection: Promise<ConsulConnection> | undefined;

  constructor(settings: ConsulSettings, deps: ConsulDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#endpoint = Math.floor(deps.random() * settings.endpoints.length);
  }

  get clock(): Clock {
    return this.#deps.clock;
  }

  /** The answer, whose status is no error, or one of `accepts`. */
  async request(
    { path, query = {}, limitMs = defaultLimitMs, accepts = [], ...request }: ConsulRequest,
    signal: AbortSignal,
  ): Promise<RawAnswer> {
    signal.throwIfAborted();
    const token = await this.#settings.token(signal);
    const connecting = this.#connect(signal);
    const connection = await connecting;
    const raw = { ...request, token, path: `/v1${path}${formatQuery(query)}` };
    const onTimeout = () => {
      throw new ConsulError("unreachable", `no answer within ${formatDuration(limitMs)}`);
    };
    try {
      const answer = await withTimeout(
        limitMs,
        (s) => connection.request(raw, s),
        onTimeout,
        this.#deps.clock,
        signal,
      );
      const { status, text, headers } = answer;
      if (status >= 300 && !accepts.includes(status)) throw errorOf(status, text);
      if (headers["x-consul-knownleader"] === "false" && request.method === "GET")
        throw new ConsulError("unreachable", "the server knows no leader", status);
      return answer;
    } catch (error) {
      if (error instanceof ConsulError && isOfEndpoint(error)) this.#leave(connecting, connection);
      throw error;
    }
  }

  /** A GET whose answer has an index; 404 is a result. */
  async query(request: Omit<ConsulRequest, "method">, signal: AbortSignal): Promise<ConsulResult> {
    const { status, headers, text } = await this.request(
      { ...request, method: "GET", accepts: [404] },
      signal,
    );
    const index = Number(headers["x-consul-index"]);
    if (headers["x-consul-index"] === undefined || !Number.isSafeInteger(index) || index < 0) {
      throw new ConsulError("unreadable", `the answer has no X-Consul-Index (status ${status})`);
    }
    const isFiltered = headers["x-consul-results-filtered-by-acls"] === "true";
    return { status, text, index, isFiltered };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.destroy();
  }

  #connect(signal: AbortSignal): Promise<ConsulConnection> {
    if (this.#connection) return this.#connection;
    const { endpoints, tls, credentials } = this.#settings;
    const endpoint = endpoints[this.#endpoint % endpoints.length] ?? "";
    const connecting = (async () => {
      if (!tls) return new ConsulConnection(`http://${endpoint}`, {});
      return new ConsulConnection(`https://${endpoint}`, await credentials(signal));
    })();
    this.#connection = connecting;
    connecting.catch(() => {
      if (this.#connection === connecting) this.#connection = undefined;
    });
    return connecting;
  }

  /** The next request goes to the next endpoint, unless another one has left it already. */
  #leave(connecting: Promise<ConsulConnection>, connection: ConsulConnection): void {
    if (this.#connection !== connecting) return;
    this.#connection = undefined;
    this.#endpoint += 1;
    connection.close();
  }
}

/** Whether another endpoint may answer instead. */
function isOfEndpoint({ failure, status = 0 }: ConsulError): boolean {
  return failure === "unreachable" || failure === "unreadable" || status >= 500;
}

function formatQuery(query: NonNullable<ConsulRequest["query"]>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
