import { connect } from "node:net";
import { systemCode } from "../base/fault.ts";
import { abortable } from "../base/signal.ts";

/** `denied` if this user may not connect, so that it is not known whether a process listens. */
export type Listener = "present" | "absent" | "denied";

/** Whether a process listens on a socket; one whose process has died refuses. */
export async function listenerOf(path: string, signal: AbortSignal): Promise<Listener> {
  signal.throwIfAborted();
  const socket = connect({ path });
  const { promise, resolve } = Promise.withResolvers<Listener>();
  socket.once("connect", () => resolve("present"));
  socket.on("error", (error) => resolve(listenerFor(systemCode(error) ?? "")));
  try {
    return await abortable(promise, signal);
  } finally {
    socket.destroy();
  }
}

function listenerFor(code: string): Listener {
  if (["EACCES", "EPERM"].includes(code)) return "denied";
  return ["ECONNREFUSED", "ENOENT"].includes(code) ? "absent" : "present";
}

/** Whether a process listens on a socket, as far as this user can know. */
export async function isListening(path: string, signal: AbortSignal): Promise<boolean> {
  return (await listenerOf(path, signal)) !== "absent";
}
