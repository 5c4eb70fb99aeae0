import { connect } from "node:net";
import { systemCode } from "../base/fault.ts";
import { abortable } from "../base/signal.ts";

/** Whether a process listens on a socket; one whose process has died refuses. */
export async function isListening(path: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const socket = connect({ path });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once("connect", () => resolve(true));
  socket.on("error", (error) =>
    resolve(!["ECONNREFUSED", "ENOENT"].includes(systemCode(error) ?? "")),
  );
  try {
    return await abortable(promise, signal);
  } finally {
    socket.destroy();
  }
}
