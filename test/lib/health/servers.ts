import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** A server of a test: its address and its open connections. */
export interface Listening {
  readonly target: { readonly host: string; readonly port: number };
  readonly open: ReadonlySet<Socket>;
  /** Closes the port, and then a connection, or all of them as the end of its process does. */
  readonly stop: (only?: Socket) => Promise<unknown>;
}

/** Listens on a free port; the server and its connections are closed at the end of the test. */
export async function listening(
  t: Pick<TestContext, "after">,
  server: Server,
  host = "127.0.0.1",
): Promise<Listening> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const stop = async (only?: Socket) => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of only ? [only] : open) socket.destroy();
    return await closed;
  };
  t.after(() => stop());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was assigned");
  return { target: { host, port: address.port }, open, stop };
}

export async function httpServer(
  t: Pick<TestContext, "after">,
  answer: RequestListener,
): Promise<Listening> {
  return await listening(t, createHttpServer(answer));
}

/** Accepts connections and sends nothing; `greet` is called for each of them. */
export async function tcpServer(
  t: Pick<TestContext, "after">,
  greet: (socket: Socket) => void = () => {},
  host = "127.0.0.1",
): Promise<Listening> {
  return await listening(
    t,
    createServer((socket) => {
      socket.resume();
      greet(socket);
    }),
    host,
  );
}

/** The number of open connections of this process. */
export function openSockets(): number {
  const wraps = ["TCPSocketWrap", "TLSWrap"];
  return process.getActiveResourcesInfo().filter((name) => wraps.includes(name)).length;
}
