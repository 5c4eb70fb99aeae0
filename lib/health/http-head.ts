import { excerpt } from "../base/excerpt.ts";
import type { ByteReader, Parsing } from "./byte-reader.ts";

/** A response that curl does not accept either. Has a code, so that it is a reading and not a bug. */
export class InvalidResponse extends Error {
  readonly code = "INVALID_RESPONSE";
}

/** The status of a response and the framing of its body. */
export interface ResponseHead {
  readonly status: number;
  /** Whether a body follows, unless the request was HEAD. */
  readonly hasBody: boolean;
  /** The number of bytes in the body; undefined if the body ends with its last chunk or with the connection. */
  readonly length: number | undefined;
  readonly isChunked: boolean;
  /** Whether the server offers to keep the connection. */
  readonly isKeptAlive: boolean;
}

/** The limits of curl: bytes in a line, and bytes in all lines before the body. */
export const maxLineBytes = 100 * 1024;
const maxHeadBytes = 300 * 1024;

/** Skips informational responses such as 100 Continue, which a server may send without being asked. */
export function* readFinalHead(reader: ByteReader): Parsing<ResponseHead> {
  const budget = { bytes: maxHeadBytes };
  for (;;) {
    const head = yield* readHead(reader, budget);
    const isFinal = head.status >= 200 || head.status === 101;
    if (isFinal) return head;
  }
}

/**
 * Reads the lines before a body like curl does: a line may end without a carriage return, a header may be folded or
 * repeated, and its name and value may contain spaces and control characters. The end of the connection ends the headers.
 */
function* readHead(reader: ByteReader, budget: { bytes: number }): Parsing<ResponseHead> {
  const { status, isPersistent } = statusIn(yield* readLine(reader, budget));
  const hasBody = ![101, 204, 304].includes(status);
  const framing = new Framing(hasBody);
  let isFirst = true;
  for (;;) {
    const line = yield* readLine(reader, budget);
    if (line === undefined || line === "" || line.startsWith("\r")) break;
    const isContinuation = !isFirst && /^[ \t]/.test(line);
    isFirst = false;
    if (isContinuation) continue;
    framing.add(headerIn(line));
  }
  const { length, isChunked } = framing;
  return { status, hasBody, length, isChunked, isKeptAlive: framing.isKeptAlive(isPersistent) };
}

/** The headers about the body and the connection. */
class Framing {
  readonly #hasBody: boolean;
  #length: number | undefined;
  #transferCodings: string | undefined;
  #connection = "";

  constructor(hasBody: boolean) {
    this.#hasBody = hasBody;
  }

  add({ name, value }: ReturnType<typeof headerIn>): void {
    if (name === "content-length" && this.#hasBody) this.#length = lengthIn(value);
    if (name === "connection") this.#connection += `,${value}`;
    if (name === "transfer-encoding")
      this.#transferCodings = `${this.#transferCodings ?? ""},${value}`;
  }

  /** Transfer-Encoding takes precedence over Content-Length, as RFC 9112 requires. */
  get length(): number | undefined {
    return this.#transferCodings === undefined ? this.#length : undefined;
  }

  get isChunked(): boolean {
    return hasToken(this.#transferCodings ?? "", "chunked");
  }

  /** `isPersistent`: whether the version of the protocol keeps connections by default. */
  isKeptAlive(isPersistent: boolean): boolean {
    const isOffered = isPersistent || hasToken(this.#connection, "keep-alive");
    return isOffered && !hasToken(this.#connection, "close");
  }
}

function* readLine(reader: ByteReader, budget: { bytes: number }): Parsing<string | undefined> {
  const line = yield* reader.line(maxLineBytes, () => tooLong("a header", maxLineBytes));
  budget.bytes -= (line?.length ?? 0) + 1;
  if (budget.bytes < 0) throw tooLong("the headers together", maxHeadBytes);
  return line;
}

/** The error for a line, or lines, of more than `maxBytes`. */
export function tooLong(subject: string, maxBytes: number): InvalidResponse {
  const verb = subject.startsWith("the ") ? "are" : "is";
  return new InvalidResponse(`${subject} ${verb} longer than ${maxBytes / 1024} KiB`);
}

/** The status, and whether the version of the protocol keeps connections by default. */
function statusIn(line: string | undefined): { status: number; isPersistent: boolean } {
  if (line === undefined) {
    throw new InvalidResponse("the connection was closed before a response");
  }
  const [, version, status] = /^HTTP\/(1\.[01]|2(?:\.0)?) +([1-9]\d\d)(?!\d)/i.exec(line) ?? [];
  if (status === undefined) throw new InvalidResponse(`not an HTTP response: ${excerpt(line)}`);
  return { status: Number(status), isPersistent: version === "1.1" };
}

function headerIn(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(":");
  if (colon < 0 || line.includes("\0")) {
    throw new InvalidResponse(`not a header of an HTTP response: ${excerpt(line)}`);
  }
  return { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1) };
}

/** Undefined for a length beyond all numbers: the body then ends with the connection. */
function lengthIn(value: string): number | undefined {
  const digits = /^[ \t]*\+?(\d+)/.exec(value)?.[1];
  if (digits === undefined) {
    throw new InvalidResponse(`Content-Length is ${excerpt(value.trim())}: expected a number`);
  }
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : undefined;
}

function hasToken(value: string, token: string): boolean {
  return value.split(",").some((one) => one.trim().toLowerCase() === token);
}
