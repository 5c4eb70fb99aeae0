import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
} from "node:http2";
import { abortable } from "../base/signal.ts";

/** A unary call. */
export interface Call {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly message: Uint8Array;
}

/** The result of a call: the gRPC status with the server's message about it, and the response message if there is one. */
export interface CallResult {
  readonly status: number;
  readonly details: string;
  readonly message: Buffer | undefined;
}

/** Limit of the size of a response, in bytes. */
const maxBytes = 64 * 1024;

/**
 * Makes a unary call as the only one of a session. Resolves with a description of the problem if the response is
 * not valid gRPC. Uses HTTP/2 directly, because a probe is exactly one attempt: a channel of @grpc/grpc-js would connect
 * and retry on its own, and close some time later.
 */
export async function call(
  { path, message }: Call,
  session: ClientHttp2Session,
  signal: AbortSignal,
): Promise<CallResult | string> {
  const request = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  request.end(frame(message));
  return await abortable(receive(session, request), signal);
}

function receive(
  session: ClientHttp2Session,
  stream: ClientHttp2Stream,
): Promise<CallResult | string> {
  return new Promise((resolve, reject) => {
    // These listeners are never removed: an error without one would end the process.
    session.on("error", reject);
    stream.on("error", reject);
    let headers: Headers | undefined;
    let trailers: Headers | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on("response", (received) => {
      headers = received;
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) resolve(`the response is longer than ${maxBytes / 1024} KiB`);
    });
    stream.once("close", () => resolve(resultOf(headers, trailers, Buffer.concat(chunks))));
  });
}

type Headers = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** Prepends the header of a message: a byte for compression (none) and four for its length. */
function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function resultOf(
  headers: Headers | undefined,
  trailers: Headers | undefined,
  body: Buffer,
): CallResult | string {
  if (!headers) return "the connection was closed before a response";
  if (headers[":status"] !== 200) return `HTTP status ${headers[":status"]}, not a gRPC response`;
  // A response with only a status has it in the headers.
  const source = trailers?.["grpc-status"] === undefined ? headers : trailers;
  const status = Number(source["grpc-status"] ?? Number.NaN);
  if (!Number.isInteger(status)) return "the response ends without a gRPC status";
  const details = percentDecode(String(source["grpc-message"] ?? ""));
  return { status, details, message: unframe(body) };
}

function unframe(body: Buffer): Buffer | undefined {
  if (body.length < 5 || body[0] !== 0) return undefined;
  const end = 5 + body.readUInt32BE(1);
  return end <= body.length ? body.subarray(5, end) : undefined;
}

/** The protocol percent-encodes characters other than printable ASCII. Servers may not comply. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
