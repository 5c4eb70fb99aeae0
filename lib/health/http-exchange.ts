import type { Socket } from "node:net";
import { abortable } from "../base/signal.ts";
import { ByteReader } from "./byte-reader.ts";
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
}

/** Limit of the bytes read from a body; the connection is closed after that. */
export const maxBodyBytes = 64 * 1024;

/**
 * Makes a request as the only one on an open connection, and reads the response to its end: a server that is hung up on
 * while it sends would log an error. Accepts what curl accepts, because a check asks whether a server responds, and not
 * whether it is tidy: strict parsers, such as that of undici, refuse the responses of some servers that work. Rejects with
 * an error that has a code if the response is invalid or ends early.
 */
export async function exchange(
  request: HttpRequest,
  socket: Socket,
  signal: AbortSignal,
): Promise<HttpResponse> {
  socket.write(requestText(request), "latin1");
  return await abortable(receive(new ByteReader(socket), request.method), signal);
}

function requestText({ method, path, authority, headers }: HttpRequest): string {
  const hasHost = Object.keys(headers).some((name) => name.toLowerCase() === "host");
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(hasHost ? [] : [`Host: ${authority}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(method === "POST" ? ["Content-Length: 0"] : []),
    "Connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

async function receive(reader: ByteReader, method: string): Promise<HttpResponse> {
  const head = await readFinalHead(reader);
  const body = new Body();
  if (method !== "HEAD" && head.hasBody) await readBody(reader, head, body);
  return { status: head.status, body: body.text() };
}

async function readBody(reader: ByteReader, head: ResponseHead, body: Body): Promise<void> {
  if (head.isChunked) await readChunks(reader, body);
  else if (head.length !== undefined) await readBytes(reader, head.length, body);
  else while (!body.isFull && body.add(await reader.take(maxBodyBytes)));
}

async function readChunks(reader: ByteReader, body: Body): Promise<void> {
  while (!body.isFull) {
    const size = /^[0-9a-f]{1,16}(?![0-9a-f])/i.exec(await chunkLine(reader))?.[0];
    if (size === undefined) throw new InvalidResponse("a chunk of the body has no size");
    const length = Number.parseInt(size, 16);
    if (length === 0) return await skipTrailers(reader);
    await readBytes(reader, length, body);
    if (!body.isFull && !/^\r*$/.test(await chunkLine(reader))) {
      throw new InvalidResponse("a chunk of the body is longer than its size");
    }
  }
}

async function skipTrailers(reader: ByteReader): Promise<void> {
  while (!/^\r?$/.test(await chunkLine(reader)));
}

async function chunkLine(reader: ByteReader): Promise<string> {
  const line = await reader.line(maxLineBytes, () => tooLong("a line", maxLineBytes));
  if (line === undefined) throw endsEarly();
  return line;
}

/** Reads `length` bytes, or less if the body is full. */
async function readBytes(reader: ByteReader, length: number, body: Body): Promise<void> {
  for (let left = length; left > 0 && !body.isFull; ) {
    const bytes = await reader.take(left);
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
