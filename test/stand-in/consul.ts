/**
 * A stand-in for a Consul server with its agent, written from Consul's documentation of its HTTP API: the store of keys with locks
 * and transactions, sessions, blocking queries with their indexes, the catalog, checks with a TTL, maintenance mode and tokens.
 * `test/real/consul-stand-in.test.ts` compares it with what clients of other authors expect of Consul.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { atEnd } from "../support/process.ts";
import { type Answer, errorAnswer, type Request, send } from "./consul/answers.ts";
import { keyRoute } from "./consul/key-routes.ts";
import { serviceRoute } from "./consul/service-routes.ts";
import { Consul, type ConsulSettings } from "./consul/state.ts";

export type { Consul } from "./consul/state.ts";

export interface ConsulStandIn {
  readonly consul: Consul;
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** The requests so far: method and path with its query. */
  readonly requests: string[];
  /** The blocking queries that wait now. */
  pending(): number;
  /** Closes the port and all connections; the state stays. */
  stop(): Promise<void>;
  /** Listens at the same port again. TTLs begin anew, as with a new leader. */
  restart(): Promise<void>;
}

export interface StandInSettings extends ConsulSettings {
  /** PEM texts, for TLS. */
  readonly tls?: ServerOptions;
  /** Answers instead of Consul, such as a hostile server. */
  readonly instead?: (path: string) => Answer | undefined;
}

/** Starts a stand-in on a free port, until the end of the test. */
export async function startConsul(
  t: Pick<TestContext, "after">,
  settings: StandInSettings = {},
): Promise<ConsulStandIn> {
  const consul = new Consul(settings);
  const requests: string[] = [];
  let [server, port, pending]: [Server | undefined, number, number] = [undefined, 0, 0];
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<Answer> => {
    requests.push(`${message.method} ${message.url}`);
    pending += 1;
    try {
      const instead = settings.instead?.(message.url ?? "");
      return instead ?? (await route(await requestOf(message, response), consul));
    } catch (error) {
      return errorAnswer(error);
    } finally {
      pending -= 1;
    }
  };
  const listen = async () => {
    const answer = (message: IncomingMessage, response: ServerResponse) =>
      void handle(message, response).then((one) => {
        const leader = { "X-Consul-KnownLeader": String(consul.hasLeader) };
        send(response, { ...one, headers: { ...leader, ...one.headers } });
      });
    server = settings.tls ? createTlsServer(settings.tls, answer) : createServer(answer);
    await once(server.listen(port, "127.0.0.1"), "listening");
    port = (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    const closed = server && once(server, "close");
    server?.close();
    server?.closeAllConnections();
    await closed;
    server = undefined;
    consul.sessions.stopTimers();
  };
  await listen();
  atEnd(t, async () => {
    consul.stopTimers();
    if (server) await stop();
  });
  return {
    consul,
    port,
    address: `127.0.0.1:${port}`,
    requests,
    pending: () => pending,
    stop,
    restart: async () => {
      consul.sessions.restartTimers();
      consul.catalog.restartTimers();
      await listen();
    },
  };
}

async function requestOf(message: IncomingMessage, response: ServerResponse): Promise<Request> {
  const url = new URL(message.url ?? "/", "http://consul");
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const header = message.headers["x-consul-token"];
  const bearer = /^Bearer (.+)$/.exec(message.headers.authorization ?? "")?.[1];
  return {
    method: message.method ?? "GET",
    path: decodeURIComponent((message.url ?? "").split("?")[0] ?? "").replace(/^\/v1/, ""),
    query: url.searchParams,
    body: Buffer.concat(chunks),
    token: String(header ?? bearer ?? url.searchParams.get("token") ?? ""),
    gone: gone.signal,
  };
}

async function route(request: Request, consul: Consul): Promise<Answer> {
  const answer = (await keyRoute(request, consul)) ?? (await serviceRoute(request, consul));
  return answer ?? { status: 404, body: `Invalid URL path: ${request.path}` };
}
