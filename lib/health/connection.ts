import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import { abortable } from "../base/signal.ts";
import type { Address } from "../model/endpoint.ts";

/**
 * Connects, with TLS if `secure` is given, and passes the connection to `use`. It is closed when `use` has ended,
 * or when `signal` aborts while it is being opened.
 */
export async function connected<T>(
  { host, port }: Address,
  secure: ConnectionOptions | undefined,
  signal: AbortSignal,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const socket = secure ? connectSecurely({ ...secure, host, port }) : connect({ host, port });
  try {
    await abortable(opened(socket, secure ? "secureConnect" : "connect"), signal);
    return await use(socket);
  } finally {
    socket.destroy();
  }
}

function opened(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    // Never removed: an error without a listener would end the process.
    socket.on("error", reject);
  });
}
