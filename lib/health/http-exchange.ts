import type { Socket } from "node:net";
import { type ByteReader, type Parsing, parsed } from "./byte-reader.ts";
import {
  InvalidResponse,
  maxLineBytes,
  type ResponseHead,
  readFinalHead,
  tooLong,
} from "./http-head.ts";

/** A request without a body. */
export interface HttpRequest {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  /** The address of the server, for the Host header unless `headers` has one. */
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The status of a response and its body, which is cut at 64 KiB. */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
  /** Whether the response was read to its end, and the server keeps the connection open. */
  readonly isKeptAlive: boolean;
}

/** Limit of the bytes read from a body; the connection is closed after that. */
export const maxBodyBytes = 64 * 1024;

/**
 * Makes a request as the first one on an open connection, and reads the response to its end: a server that is hung up on
 * while it sends would log an error. Accepts what curl accepts, because a check asks whether a server responds, and not
 * whether it is tidy: strict parsers, such as that of undici, refuse the responses of some servers that work. Rejects with
 * an error that has a code if the response is invalid or ends early. With `keepAlive` the server is asked to leave the
 * connection open.
 */
export async function exchange(
  request: HttpRequest,
  socket: Socket,
  keepAlive: boolean,
): Promise<HttpResponse> {
  socket.write(requestText(request, keepAlive), "latin1");
  return await parsed(socket, (reader) => receive(reader, request.method));
}

function requestText(
  { method, path, authority, headers }: HttpRequest,
  keepAlive: boolean,
): string {
  const hasHost = Object.keys(headers).some((name) => name.toLowerCase() === "host");
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(hasHost ? [] : [`Host: ${authority}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(method === "POST" ? ["Content-Length: 0"] : []),
    `Connection: ${keepAlive ? "keep-alive" : "close"}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function* receive(reader: ByteReader, method: string): Parsing<HttpResponse> {
  const head = yield* readFinalHead(reader);
  const body = new Body();
  const hasBody = method !== "HEAD" && head.hasBody;
  if (hasBody) yield* readBody(reader, head, body);
  const { status, isChunked, length } = head;
  const isComplete = !hasBody || ((isChunked || length !== undefined) && !body.isFull);
  const isKeptAlive = head.isKeptAlive && isComplete && status !== 101;
  return { status, body: body.text(), isKeptAlive };
}

function* readBody(reader: ByteReader, head: ResponseHead, body: Body): Parsing<void> {
  if (head.isChunked) yield* readChunks(reader, body);
  else if (head.length !== undefined) yield* readBytes(reader, head.length, body);
  else while (!body.isFull && body.add(yield* reader.take(maxBodyBytes)));
}

function* readChunks(reader: ByteReader, body: Body): Parsing<void> {
  while (!body.isFull) {
    const size = /^[0-9a-f]{1,16}(?![0-9a-f])/i.exec(yield* chunkLine(reader))?.[0];
    if (size === undefined) throw new InvalidResponse("a chunk of the body has no size");
    const length = Number.parseInt(size, 16);
    if (length === 0) return yield* skipTrailers(reader);
    yield* readBytes(reader, length, body);
    if (!body.isFull && !/^\r*$/.test(yield* chunkLine(reader))) {
      throw new InvalidResponse("a chunk of the body is longer than its size");
    }
  }
}

function* skipTrailers(reader: ByteReader): Parsing<void> {
  while (!/^\r?$/.test(yield* chunkLine(reader)));
}

function* chunkLine(reader: ByteReader): Parsing<string> {
  const line = yield* reader.line(maxLineBytes, () => tooLong("a line", maxLineBytes));
  if (line === undefined) throw endsEarly();
  return line;
}

/** Reads `length` bytes, or less if the body is full. */
function* readBytes(reader: ByteReader, length: number, body: Body): Parsing<void> {
  for (let left = length; left > 0 && !body.isFull; ) {
    const bytes = yield* reader.take(left);
    if (!body.add(bytes)) throw endsEarly();
    left -= bytes?.length ?? 0;
  }
}

function endsEarly(): InvalidResponse {
  return new InvalidResponse("the connection was closed before the end of the body");
}

/** The first bytes of a body. */
class Body {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  get isFull(): boolean {
    return this.#size >= maxBodyBytes;
  }

  /** Returns whether there were bytes to add. */
  add(bytes: Buffer | undefined): boolean {
    if (bytes === undefined) return false;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    return true;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(0, maxBodyBytes).toString();
  }
}
