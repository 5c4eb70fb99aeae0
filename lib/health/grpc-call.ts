import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import type { Socket } from "node:net";
import { abortable } from "../base/signal.ts";

/** What is called, and where. */
export interface Call {
  /** `http://10.0.0.1:50051`, or with https. */
  readonly origin: string;
  /** `/package.Service/Method` */
  readonly path: string;
  readonly message: Uint8Array;
}

/** How a call ended: the status of gRPC with the server's own words, and the message if there is one. */
export interface CallResult {
  readonly status: number;
  readonly details: string;
  readonly message: Buffer | undefined;
}

/** How much of an answer is kept, in bytes. */
const maxBytes = 64 * 1024;

/**
 * Makes one call with one message each way, as the only one on an open connection. Resolves with a text that says
 * what is wrong where the answer is none of gRPC. It is done by HTTP/2 itself: a channel of @grpc/grpc-js opens its
 * connection by itself, tries again by itself, and closes some time later, where one probe is to be one attempt.
 */
export async function call(
  { origin, path, message }: Call,
  socket: Socket,
  signal: AbortSignal,
): Promise<CallResult | string> {
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  try {
    const asked = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    asked.end(frame(message));
    return await abortable(receive(session, asked), signal);
  } finally {
    session.destroy();
  }
}

function receive(session: ClientHttp2Session, asked: ClientHttp2Stream): Promise<CallResult | string> {
  return new Promise((resolve, reject) => {
    // These stay for good: an error that nobody listens to would end the process.
    session.on("error", reject);
    asked.on("error", reject);
    let headers: Headers | undefined;
    let trailers: Headers | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    asked.on("response", (given) => {
      headers = given;
    });
    asked.on("trailers", (given) => {
      trailers = given;
    });
    asked.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) resolve(`the answer is longer than ${maxBytes / 1024} KiB`);
    });
    asked.once("close", () => resolve(resultOf(headers, trailers, Buffer.concat(chunks))));
  });
}

type Headers = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** In front of a message: whether it is compressed, in a byte, and its length in four. */
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
  if (!headers) return "the connection was closed before an answer";
  if (headers[":status"] !== 200)
    return `HTTP status ${headers[":status"]}, which is no answer of gRPC`;
  // A server that has nothing to say but the status sends it in place of the headers.
  const said = trailers?.["grpc-status"] === undefined ? headers : trailers;
  const status = Number(said["grpc-status"] ?? Number.NaN);
  if (!Number.isInteger(status)) return "the answer ends without a status of gRPC";
  const words = percentDecode(String(said["grpc-message"] ?? ""));
  return { status, details: words, message: unframe(body) };
}

function unframe(body: Buffer): Buffer | undefined {
  if (body.length < 5 || body[0] !== 0) return undefined;
  const end = 5 + body.readUInt32BE(1);
  return end <= body.length ? body.subarray(5, end) : undefined;
}

/** What is not printable ASCII is percent-encoded by whoever keeps to the protocol. */
function percentDecode(words: string): string {
  try {
    return decodeURIComponent(words);
  } catch {
    return words;
  }
}
