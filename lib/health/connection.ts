import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import { abortable } from "../base/signal.ts";
import type { Destination } from "./destination.ts";
import { proxyHeader } from "./proxy-header.ts";
import type { Connection, Hold } from "./tripwire.ts";

/**
 * Connects, with TLS if `secure` is given, and passes the connection to `use`. It is closed when `use` has ended, and as soon
 * as `signal` aborts, whatever `use` does then. With `hold`, `use` may pass it to `keep` to have it taken over instead.
 */
export async function connected<T>(
  destination: Destination,
  secure: ConnectionOptions | undefined,
  signal: AbortSignal,
  use: (socket: Socket, keep: Hold | undefined) => Promise<T>,
  hold?: Hold,
): Promise<T> {
  signal.throwIfAborted();
  const sockets: Socket[] = [];
  const add = <S extends Socket>(socket: S): S => {
    sockets.unshift(socket);
    return socket;
  };
  const keep = (connection: Connection) => {
    const [outer, ...inner] = sockets.splice(0);
    for (const socket of inner) outer?.once("close", () => socket.destroy());
    hold?.(connection);
  };
  const connecting = async () => {
    const { host, port, unix, proxyProtocol } = destination;
    const socket = add(connect(unix === undefined ? { host, port } : { path: unix }));
    await opened(socket, "connect");
    signal.throwIfAborted();
    if (proxyProtocol) socket.write(proxyHeader(proxyProtocol, socket), "latin1");
    if (!secure) return await use(socket, hold && keep);
    const servername = secure.servername ?? (isIP(host) ? undefined : host);
    const name = servername === undefined ? {} : { servername };
    const tls = add(connectSecurely({ ...secure, ...name, host, socket }));
    await opened(tls, "secureConnect");
    signal.throwIfAborted();
    return await use(tls, hold && keep);
  };
  try {
    return await abortable(connecting(), signal);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function opened(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    // Never removed: an error without a listener would end the process.
    socket.on("error", reject);
  });
}
