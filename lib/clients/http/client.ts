import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";

/** How requests reach their server. */
export interface Route {
  /** The URL of an HTTP proxy, with its login if it has one. `https:` servers are reached by CONNECT, with TLS inside. */
  readonly proxy?: string | undefined;
  /** Hosts that are reached without the proxy, as in NO_PROXY: `localhost,.internal,10.0.0.1`. */
  readonly except?: string | undefined;
  /** CA certificates in PEM, to trust instead of the well-known ones. */
  readonly ca?: string | undefined;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** The first value of each header, by its name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Limit of a response in bytes. */
const maxBytes = 4 * 1024 * 1024;

/** The code of the error for a longer response. */
export const tooLongCode = "UND_ERR_RES_EXCEEDED_MAX_SIZE";

/** Client of HTTP/1.1 for requests that are made now and then. */
export class HttpClient implements AsyncDisposable {
  readonly #dispatcher: Dispatcher;

  constructor({ proxy, except = "", ca }: Route) {
    const tls = ca === undefined ? {} : { ca };
    const options = { connect: tls, allowH2: false, maxResponseSize: maxBytes };
    // Empty strings, and not undefined: it would read the environment of the process.
    const noProxy = except;
    this.#dispatcher = proxy
      ? new EnvHttpProxyAgent({
          ...options,
          requestTls: tls,
          proxyTls: tls,
          httpProxy: proxy,
          httpsProxy: proxy,
          noProxy,
        })
      : new Agent(options);
  }

  /**
   * Makes a request without a time limit. Redirects are not followed. Rejects with the reason of the signal, and with an
   * error that has a code if there is no complete response.
   */
  async send({ url, ...request }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    try {
      const { statusCode, headers, body } = await this.#dispatcher.request({
        ...request,
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        signal,
      });
      const first = Object.entries(headers).map(([name, value]) => [name, [value].flat()[0]]);
      return { status: statusCode, headers: Object.fromEntries(first), body: await body.text() };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher.destroy();
  }
}
