import { bytesOf, fromBytes } from "../values/bytes.ts";

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Sprig's b64dec: a text that is not base64 gives what is wrong with it. Throws a HelperError for other bytes than UTF-8. */
export function decodeBase64(text: string): string {
  return decoded(text, base64Alphabet, 6, 4, [2, 3, 4], "base64");
}

/** Sprig's b32dec. */
export function decodeBase32(text: string): string {
  return decoded(text, base32Alphabet, 5, 8, [2, 4, 5, 7, 8], "base32");
}

export function encodeBase32(text: string): string {
  let bits = "";
  for (const byte of bytesOf(text)) bits += byte.toString(2).padStart(8, "0");
  const groups = bits.match(/.{1,5}/g) ?? [];
  const digits = groups.map((group) => base32Alphabet[Number.parseInt(group.padEnd(5, "0"), 2)]);
  return digits.join("").padEnd(Math.ceil(digits.length / 8) * 8, "=");
}

function decoded(
  text: string,
  alphabet: string,
  width: number,
  size: number,
  lengths: readonly number[],
  name: string,
): string {
  const wrong = (at: number) => `illegal ${name} data at input byte ${at}`;
  const bytes = bytesOf(text);
  const positions = [...bytes.keys()].filter((at) => bytes[at] !== 10 && bytes[at] !== 13);
  const values: number[] = [];
  let at = 0;
  for (; at < positions.length; at += 1) {
    const position = positions[at] ?? 0;
    const character = String.fromCharCode(bytes[position] ?? 0);
    if (character === "=") break;
    const value = alphabet.indexOf(character);
    if (value === -1) return wrong(position);
    values.push(value);
  }
  const last = values.length % size;
  const padding = positions.length - at;
  if (last === 0 && padding === 0) return fromBytes(joined(values, width));
  const position = positions[at] ?? bytes.length;
  if (!lengths.includes(last)) return wrong(padding === 0 ? bytes.length - last : position);
  for (let missing = last; missing < size; missing += 1, at += 1) {
    const place = positions[at];
    if (place === undefined) return wrong(padding === 0 ? bytes.length - last : bytes.length);
    if (bytes[place] !== 61) return wrong(place);
  }
  return at < positions.length ? wrong(positions[at] ?? 0) : fromBytes(joined(values, width));
}

function joined(values: readonly number[], width: number): Uint8Array {
  const bits = values.map((value) => value.toString(2).padStart(width, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
