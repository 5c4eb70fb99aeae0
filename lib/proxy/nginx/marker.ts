import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { generationIn } from "../generation.ts";

/** Where nginx answers with the generation of the file that it runs. */
export type MarkerPlace =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

const unixSocket = /^unix:(?<socketPath>\/.+)$/;
const address = /^(?<host>[^\s/]+):(?<port>\d{1,5})$/;

/** As in nginx's own `listen`: `unix:/run/nginx-generation.sock` or `127.0.0.1:8081`. */
export const markerPlace = z
  .string()
  .refine((given) => unixSocket.test(given) || address.test(given), {
    error: "expected what the template listens on: unix:/run/sidekick.sock or 127.0.0.1:8081",
  });

/** How long an answer may take, in milliseconds: nothing is computed for it. */
const answerMs = 1000;

/** The generation that a new connection is answered with; undefined where nobody answers with one. */
export async function askMarker(place: string, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = get(
    { ...placeOf(place), path: "/", agent: false, timeout: answerMs, signal },
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

function placeOf(place: string): MarkerPlace {
  const {
    socketPath,
    host = "",
    port,
  } = (unixSocket.exec(place) ?? address.exec(place))?.groups ?? {};
  if (socketPath !== undefined) return { socketPath };
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}
