import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { generationIn } from "../generation.ts";

type ConnectOptions =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

const unixSocket = /^unix:(?<socketPath>\/.+)$/;
const tcpAddress = /^(?<host>[^\s/]+):(?<port>\d{1,5})$/;

/** An address in the form of nginx's own `listen`: `unix:/run/nginx-generation.sock` or `127.0.0.1:8081`. */
export const markerAddress = z
  .string()
  .refine((given) => unixSocket.test(given) || tcpAddress.test(given), {
    error:
      "expected the address of the template's listen: unix:/run/sidekick.sock or 127.0.0.1:8081",
  });

/** The time limit of an answer, in milliseconds: nginx computes nothing for it. */
const answerMs = 1000;

/** Returns the generation that nginx answers a new connection with; undefined if there is no such answer. */
export async function askMarker(address: string, signal: AbortSignal): Promise<string | undefined> {
  // Loaded where a marker is asked for: most configurations have none.
  const { get } = await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = get(
    { ...connectOptions(address), path: "/", agent: false, timeout: answerMs, signal },
    resolve,
  )
    .on("error", reject)
    .on("timeout", () => request.destroy(new Error("no answer")));
  try {
    return generationIn([await text(await promise)]);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function connectOptions(address: string): ConnectOptions {
  const {
    socketPath,
    host = "",
    port,
  } = (unixSocket.exec(address) ?? tcpAddress.exec(address))?.groups ?? {};
  if (socketPath !== undefined) return { socketPath };
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}
