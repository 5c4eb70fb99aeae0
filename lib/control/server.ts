import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { systemCode } from "../base/fault.ts";
import { abortable, childScope } from "../base/signal.ts";
import { type Address, formatAddress } from "../model/endpoint.ts";
import { answer, type Page } from "../status/answer.ts";
import { faults } from "../status/faults.ts";

/** Has a server listen somewhere; disposing takes away what others would find it by. */
export type Listen = (server: Server, signal: AbortSignal) => Promise<AsyncDisposable>;

/** Nobody who looks at an agent needs longer than this to ask, in milliseconds. */
const askWithinMs = 10_000;

/** More connections than this are turned away: whoever looks shall not use up what an agent needs to work. */
const mostConnections = 64;

/** Answers requests until `signal` aborts; `onListening` is told as soon as it can be asked. */
export async function serveHttp(
  listen: Listen,
  page: Page,
  onListening: () => void,
  signal: AbortSignal,
): Promise<void> {
  await childScope(signal, async (s, stop) => {
    const running = new Set<Promise<void>>();
    const options = { requestTimeout: askWithinMs, headersTimeout: askWithinMs };
    const server = createServer(options, (request, response) => {
      const responding = respond(request, response, page, s)
        .catch(stop)
        .finally(() => running.delete(responding));
      running.add(responding);
    });
    server.maxConnections = mostConnections;
    try {
      await using _place = await listen(server, s);
      // A connection that could not be taken, for want of file descriptors, is the loss of whoever asked.
      server.on("error", () => {});
      onListening();
      await abortable(new Promise<never>(() => {}), s);
    } finally {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(running);
    }
  });
}

/** Why an answer is given up: nobody is there any more to get it. */
const gone = new DOMException("whoever asked has left", "AbortError");

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  page: Page,
  signal: AbortSignal,
): Promise<void> {
  try {
    await childScope(signal, async (s, stop) => {
      response.once("close", () => stop(gone));
      const { status, type, body } = await answer(request, page, s);
      const length = Buffer.byteLength(body);
      response.writeHead(status, {
        connection: "close",
        "content-type": type,
        "content-length": length,
      });
      response.end(body);
    });
  } catch (error) {
    const isOver = signal.aborted || error === gone || systemCode(error) === "ECONNRESET";
    if (!isOver) throw error;
    response.destroy();
  }
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
