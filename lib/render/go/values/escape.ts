import { bytesOf } from "./bytes.ts";

/** `html` of text/template. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => htmlEntities[character] ?? "");
}

const htmlEntities: Readonly<Record<string, string>> = {
  ...{ "\0": "\uFFFD", '"': "&#34;", "'": "&#39;" },
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;" },
};

/** `js` of text/template. */
export function escapeJs(text: string): string {
  return text.replace(/[\\'"]|[<>&=\p{Cc}]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) => {
    if (/[\\'"]/.test(character)) return `\\${character}`;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `\\u${code}`;
  });
}

/** Go's url.QueryEscape: a space is `+`. */
export function escapeQuery(text: string): string {
  return escapeBytes(text, /[A-Za-z0-9_.~-]/).replaceAll("%20", "+");
}

/** Percent-encodes the bytes of a text that `allowed` does not match. */
export function escapeBytes(text: string, allowed: RegExp): string {
  let escaped = "";
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte);
    const isAllowed = byte < 0x80 && allowed.test(character);
    const code = byte.toString(16).toUpperCase().padStart(2, "0");
    escaped += isAllowed ? character : `%${code}`;
  }
  return escaped;
}
