import { type ClientHttp2Session, constants } from "node:http2";
import { abortable } from "../base/signal.ts";
import { type HttpRequest, type HttpResponse, maxBodyBytes } from "./http-exchange.ts";
import { InvalidResponse } from "./http-head.ts";

/**
 * As `exchange`, in HTTP/2: without TLS the server has to expect it (prior knowledge, h2c), since this does not ask for an
 * upgrade.
 */
export async function exchangeHttp2(
  { method, path, authority, headers }: HttpRequest,
  scheme: "http" | "https",
  session: ClientHttp2Session,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const names = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const { host = authority, ...others } = Object.fromEntries(names);
  const stream = session.request({
    ...{ ":method": method, ":path": path, ":scheme": scheme, ":authority": host },
    ...others,
  });
  stream.end();
  const received = new Promise<HttpResponse>((resolve, reject) => {
    // These listeners are never removed: an error without one would end the process.
    session.on("error", reject);
    stream.on("error", reject);
    let status: number | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (isKeptAlive: boolean) => {
      if (status === undefined) {
        reject(new InvalidResponse("the connection was closed before a response"));
        return;
      }
      const body = Buffer.concat(chunks).subarray(0, maxBodyBytes).toString();
      resolve({ status, body, isKeptAlive });
    };
    stream.on("response", (head) => {
      status = head[":status"];
    });
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBodyBytes) finish(false);
    });
    // A body that breaks off ends as well: only the close has the code.
    stream.once("close", () => {
      const isComplete = !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR;
      if (isComplete || status === undefined) finish(isComplete);
      else reject(new InvalidResponse("the stream was closed before the end of the body"));
    });
  });
  return await abortable(received, signal);
}
