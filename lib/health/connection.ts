import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import { abortable } from "../base/signal.ts";
import type { Destination } from "./destination.ts";
import { proxyHeader } from "./proxy-header.ts";

/**
 * Connects, with TLS if `secure` is given, and passes the connection to `use`. It is closed when `use` has ended,
 * or when `signal` aborts while it is being opened.
 */
export async function connected<T>(
  destination: Destination,
  secure: ConnectionOptions | undefined,
  signal: AbortSignal,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { host, port, unix, proxyProtocol } = destination;
  await using open = new OpenSockets();
  const socket = open.add(connect(unix === undefined ? { host, port } : { path: unix }));
  await abortable(opened(socket, "connect"), signal);
  if (proxyProtocol) socket.write(proxyHeader(proxyProtocol, socket), "latin1");
  if (!secure) return await use(socket);
  const servername = secure.servername ?? (isIP(host) ? undefined : host);
  const name = servername === undefined ? {} : { servername };
  const tls = open.add(connectSecurely({ ...secure, ...name, host, socket }));
  await abortable(opened(tls, "secureConnect"), signal);
  return await use(tls);
}

/** Destroys sockets when it is disposed of, the last one first. */
class OpenSockets implements AsyncDisposable {
  readonly #sockets: Socket[] = [];

  add<S extends Socket>(socket: S): S {
    this.#sockets.unshift(socket);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function opened(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    // Never removed: an error without a listener would end the process.
    socket.on("error", reject);
  });
}
