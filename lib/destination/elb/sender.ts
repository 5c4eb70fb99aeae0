import type { Clock } from "../../base/clock.ts";
import { sentence, systemCode } from "../../base/fault.ts";
import { withTimeout } from "../../base/timeout.ts";
import { HttpClient, type HttpResponse, tooLongCode } from "../../clients/http/client.ts";
import type { Env } from "../contract.ts";
import { faults } from "../faults.ts";
import { proxyOf, routeTo } from "./route.ts";

/** The time limit of a request, milliseconds. */
const limitMs = 10_000;

export interface SenderConfig {
  readonly proxy?: string | undefined;
  readonly ca?: string | undefined;
}

export interface Post {
  /** For messages: `RegisterTargets`. */
  readonly action: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends POST requests to services of AWS, through a proxy if there is one. Messages have the name of the destination. */
export class Sender implements AsyncDisposable {
  readonly #name: string;
  readonly #config: SenderConfig;
  readonly #env: Env;
  readonly #clock: Clock;
  /** By origin. */
  readonly #clients = new Map<string, HttpClient>();

  constructor(name: string, config: SenderConfig, env: Env, clock: Clock) {
    this.#name = name;
    this.#config = config;
    this.#env = env;
    this.#clock = clock;
  }

  /** The proxy of requests to a URL, without its login, and what names it; undefined without one. */
  describeProxy(url: URL): string | undefined {
    const used = proxyOf(url, this.#config.proxy, this.#env);
    const parsed = URL.parse(used?.proxy ?? "");
    return used && `proxy ${parsed ? parsed.origin : "without a valid URL"} (${used.from})`;
  }

  /**
   * Resolves with the response of any status. Throws DESTINATION_UNREACHABLE, DESTINATION_TIMEOUT or
   * DESTINATION_UNREADABLE.
   */
  async post({ action, url, headers, body }: Post, signal: AbortSignal): Promise<HttpResponse> {
    const [name, at] = [this.#name, this.#place(url)];
    const send = async (inner: AbortSignal) => {
      const client = await this.#clientFor(url, at, inner);
      try {
        return await client.send({ method: "POST", url, headers, body }, inner);
      } catch (error) {
        if (inner.aborted) throw inner.reason;
        const code = systemCode(error);
        if (code === undefined) throw error;
        await this.#forget(url);
        const why = sentence(error);
        if (code === tooLongCode) throw faults.DESTINATION_UNREADABLE({ name, at, action, why });
        throw faults.DESTINATION_UNREACHABLE({ name, at, why });
      }
    };
    const onTimeout = () => {
      throw faults.DESTINATION_TIMEOUT({ name, at, action, limitMs });
    };
    return await withTimeout(limitMs, send, onTimeout, this.#clock, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client[Symbol.asyncDispose]()));
  }

  /** For messages. */
  #place(url: URL): string {
    const proxy = this.describeProxy(url);
    return proxy ? `${url.origin} through ${proxy}` : url.origin;
  }

  async #clientFor(url: URL, at: string, signal: AbortSignal): Promise<HttpClient> {
    const known = this.#clients.get(url.origin);
    if (known) return known;
    const { proxy, ca } = this.#config;
    const route = await routeTo(proxyOf(url, proxy, this.#env), ca, this.#env, signal);
    if (typeof route === "string") {
      throw faults.DESTINATION_UNREACHABLE({ name: this.#name, at, why: route });
    }
    const client = new HttpClient(route);
    this.#clients.set(url.origin, client);
    return client;
  }

  /** The next request reads the certificates anew: they may have been replaced. */
  async #forget(url: URL): Promise<void> {
    const client = this.#clients.get(url.origin);
    this.#clients.delete(url.origin);
    await client?.[Symbol.asyncDispose]();
  }
}
