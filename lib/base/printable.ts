import { shortened } from "./excerpt.ts";

/**
 * Characters that are not shown as themselves: control characters, which steer a terminal, line and paragraph separators,
 * formatting characters, which reorder or hide the text around them, and halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The same without the two characters of a text that has lines and columns. */
const unprintableInText = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const names: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text on one line, safe on any terminal: a character that is not shown as itself is written as `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** The same for a text of several lines: line feeds and tabs are kept. */
export function printableText(text: string): string {
  return text.replace(unprintableInText, escaped);
}

/** The longest string in JSON for people, in characters: the size of a key is up to its writer. */
const longest = 4000;

/**
 * JSON that is safe on any terminal: the same characters are written as escapes of JSON. Strings of more than 4000
 * characters are cut. `indent` is a number of spaces.
 */
export function printableJson(value: unknown, indent?: number): string {
  const cut = (_: string, item: unknown) =>
    typeof item === "string" ? shortened(item, longest) : item;
  // Control characters are escaped already, but for those above 0x7e; line feeds are only those of the indentation.
  return JSON.stringify(value, cut, indent).replace(unprintableInText, (found) =>
    Array.from({ length: found.length }, (_, i) => `\\u${hex(found.charCodeAt(i), 4)}`).join(""),
  );
}

function escaped(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${hex(code, 5)}}`;
  return names[found] ?? (code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
