import { shortened } from "./excerpt.ts";

/**
 * Characters that are not shown as themselves: control characters, which steer a terminal, line and paragraph separators,
 * formatting characters, which reorder or hide the text around them, and halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The same without the two characters of a text that has lines and columns. */
const unprintableInText = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const login = /:\/\/[^\s/?#"'<>]*@/g;

const names: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * A text on one line, safe on any terminal: a character that is not shown as itself is written as `\x1b` or `\u202e`. URLs are
 * shown without their login.
 */
export function printable(text: string): string {
  return withoutLogins(text).replace(unprintable, escaped);
}

/** Lines as they are printed: each safe on any terminal, and ended by a line feed. */
export function printableLines(lines: readonly string[]): string {
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** A text of several lines, in which line feeds, tabs and logins are kept. */
export function printableText(text: string): string {
  return text.replace(unprintableInText, escaped);
}

/** The longest string in JSON for people, in characters: the size of a key is up to its writer. */
const longest = 4000;

/**
 * JSON that is safe on any terminal: the same characters are written as escapes of JSON. Strings of more than 4000
 * characters are cut, and URLs are without their login. `indent` is a number of spaces.
 */
export function printableJson(value: unknown, indent?: number): string {
  const cut = (_: string, item: unknown) =>
    typeof item === "string" ? withoutLogins(shortened(item, longest)) : item;
  // Control characters are escaped already, but for those above 0x7e; line feeds are only those of the indentation.
  return JSON.stringify(value, cut, indent).replace(unprintableInText, (found) =>
    Array.from({ length: found.length }, (_, i) => `\\u${hex(found.charCodeAt(i), 4)}`).join(""),
  );
}

/** Hides the logins of URLs: `etcd://…@10.0.0.1:2379`. */
function withoutLogins(text: string): string {
  return text.includes("@") ? text.replace(login, "://…@") : text;
}

function escaped(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${hex(code, 5)}}`;
  return names[found] ?? (code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
