import { Buffer, isUtf8 } from "node:buffer";
import { HelperError } from "../../helpers/contract.ts";

/** The UTF-8 bytes of a string, which Go counts and cuts by. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** The part between two positions of bytes. Throws a HelperError if it would have a part of a character. */
export function cut(text: string, from: number, to: number): string {
  return fromBytes(bytesOf(text).subarray(from, to));
}

/** Throws a HelperError for bytes that are not UTF-8: Go has such strings, a file of text should not. */
export function fromBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString();
  throw new HelperError("the result is not UTF-8, which is not supported: a character was cut");
}
