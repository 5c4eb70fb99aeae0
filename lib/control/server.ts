import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { systemCode } from "../base/fault.ts";
import { abortable, childScope, never, whenAborted } from "../base/signal.ts";
import { type Address, formatAddress } from "../model/endpoint.ts";
import { Connections } from "./connections.ts";
import type { Answer, Routes, Sink } from "./contract.ts";
import { faults } from "./faults.ts";

/** Makes a server listen; disposing removes the socket, where there is one. */
export type Listen = (server: Server, signal: AbortSignal) => Promise<AsyncDisposable>;

/** How long a client may take to send its request, in milliseconds. */
const requestTimeoutMs = 10_000;

/** The most connections at a time. */
const mostConnections = 64;

/** The longest body of a request, in bytes. */
const mostBytes = 1024 * 1024;

export interface ServerOptions {
  /** Called as soon as the server listens. */
  readonly onListening: () => void;
  /** Whether requests with this `Host` are answered; by default all are. */
  readonly isOwnHost?: (host: string | undefined) => boolean;
}

/** Answers requests until `signal` aborts, each by the routes of its time. */
export async function serveHttp(
  listen: Listen,
  routes: Routes | (() => Routes),
  { onListening, isOwnHost = () => true }: ServerOptions,
  signal: AbortSignal,
): Promise<void> {
  const current = typeof routes === "function" ? routes : () => routes;
  await childScope(signal, async (s, stop) => {
    const running = new Set<Promise<void>>();
    const options = { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs };
    const server = createServer(options, (request, response) => {
      const { host } = request.headers;
      const allowed = isOwnHost(host) ? current() : undefined;
      const responding = respond(request, response, { routes: allowed, connections }, s)
        .catch(stop)
        .finally(() => running.delete(responding));
      running.add(responding);
    });
    const connections = new Connections(server, mostConnections);
    try {
      await using _listener = await listen(server, s);
      // A connection that could not be accepted, for want of file descriptors, concerns its client only.
      server.on("error", () => {});
      onListening();
      await whenAborted(s, never);
      s.throwIfAborted();
    } finally {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(running);
    }
  });
}

/** Why an answer is given up. */
const disconnected = new DOMException("the client has disconnected", "AbortError");

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  {
    routes,
    connections,
  }: { readonly routes: Routes | undefined; readonly connections: Connections },
  signal: AbortSignal,
): Promise<void> {
  try {
    await childScope(signal, async (s, stop) => {
      response.once("close", () => stop(disconnected));
      const { status, type, headers, body } = await answer(request, routes, connections, s);
      const common = { ...headers, connection: "close", "content-type": type };
      if (typeof body === "string") {
        response.writeHead(status, { ...common, "content-length": Buffer.byteLength(body) });
        response.end(body);
        return;
      }
      response.writeHead(status, common);
      if (request.method !== "HEAD") await body(sinkOf(response), s);
      // A reader that is too slow for its stream may never read what waits for it.
      if (response.writableLength > 0) response.destroy();
      else response.end();
    });
  } catch (error) {
    const isOver = signal.aborted || error === disconnected || systemCode(error) === "ECONNRESET";
    if (!isOver) throw error;
    response.destroy();
  }
}

function sinkOf(response: ServerResponse): Sink {
  return {
    write: (text) => void response.write(text),
    waiting: () => response.writableLength,
  };
}

async function answer(
  request: IncomingMessage,
  routes: Routes | undefined,
  connections: Connections,
  signal: AbortSignal,
): Promise<Answer> {
  const { url = "", method = "", headers } = request;
  if (!routes) return text(421, `${headers.host} is not this machine: add it to status.hosts`);
  const [path = "", query] = url.split("?", 2);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route) return text(404, `not found; paths: ${Object.keys(routes).join(", ")}`);
  if (!route.methods.includes(method)) return text(405, `use ${route.methods.join(" or ")}`);
  const body = await bodyOf(request);
  if (body === undefined) return text(413, `the request is longer than ${mostBytes} bytes`);
  // A streamed body is written after this: its connection may have to make room for another.
  using _ = connections.answering(request.socket);
  return await route.answer(body, signal, { query: new URLSearchParams(query), headers });
}

/** Undefined where the body is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostBytes) return undefined;
  }
  return Buffer.concat(chunks).toString();
}

function text(status: number, message: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${message}\n` };
}

/** Listens at an address. Throws CONTROL_ADDRESS_UNAVAILABLE, such as for one that is in use. */
export function atAddress(address: Address): Listen {
  return async (server, signal) => {
    try {
      await listening(server, { host: address.host, port: address.port }, signal);
    } catch (error) {
      if (signal.aborted || systemCode(error) === undefined) throw error;
      throw faults.CONTROL_ADDRESS_UNAVAILABLE({ address: formatAddress(address) }, error);
    }
    return { [Symbol.asyncDispose]: async () => {} };
  };
}

/** Resolves once the server listens; rejects with the system's error. */
export async function listening(
  server: Server,
  where: { readonly host: string; readonly port: number } | { readonly path: string },
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(where, resolve);
  try {
    await abortable(promise, signal);
  } finally {
    server.off("error", reject);
  }
}
