import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import { abortable } from "../base/signal.ts";
import type { Address } from "../model/endpoint.ts";

/**
 * Connects, with TLS when `secure` is given, and lends the connection to `use`. It is closed when `use`
 * has ended and also when `signal` aborts half way through being opened.
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
    // Stays for good: an error that nobody listens to would end the process.
    socket.on("error", reject);
  });
}
