import { UnusableValue } from "../../helpers/contract.ts";
import { bytesOf, fromBytes } from "../values/bytes.ts";

/** An encoding of bytes in characters that have `width` bits each, in groups of `size`. */
interface Encoding {
  readonly name: string;
  readonly alphabet: string;
  readonly width: number;
  readonly size: number;
  /** The numbers of characters that the last group may have. */
  readonly lengths: readonly number[];
}

const base64: Encoding = {
  name: "base64",
  alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  ...{ width: 6, size: 4, lengths: [0, 2, 3] },
};

const base32: Encoding = {
  name: "base32",
  alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
  ...{ width: 5, size: 8, lengths: [0, 2, 4, 5, 7] },
};

/** Throws a HelperError for a text that is not base64, or not of UTF-8. */
export function decodeBase64(text: string): string {
  return decoded(text, base64);
}

/** Throws a HelperError for a text that is not base32, or not of UTF-8. */
export function decodeBase32(text: string): string {
  return decoded(text, base32);
}

export function encodeBase32(text: string): string {
  let bits = "";
  for (const byte of bytesOf(text)) bits += byte.toString(2).padStart(8, "0");
  const groups = bits.match(/.{1,5}/g) ?? [];
  const digits = groups.map((group) => base32.alphabet[Number.parseInt(group.padEnd(5, "0"), 2)]);
  return digits.join("").padEnd(Math.ceil(digits.length / 8) * 8, "=");
}

function decoded(text: string, encoding: Encoding): string {
  const { name, alphabet, width, size, lengths } = encoding;
  const characters = text.replace(/[\r\n]/g, "");
  const digits = /^[^=]*/.exec(characters)?.[0] ?? "";
  const values = Array.from(digits, (digit) => alphabet.indexOf(digit));
  const last = values.length % size;
  const padding = "=".repeat(last === 0 ? 0 : size - last);
  if (values.includes(-1) || !lengths.includes(last) || characters !== digits + padding) {
    throw new UnusableValue(`illegal ${name} data`);
  }
  const bits = values.map((value) => value.toString(2).padStart(width, "0")).join("");
  const bytes = bits.match(/.{8}/g) ?? [];
  return fromBytes(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2)));
}
