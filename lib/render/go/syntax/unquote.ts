import { Buffer, isUtf8 } from "node:buffer";

/** The text of a string or a character in quotes, or the reason why it has none. */
export type Unquoted = { readonly text: string } | { readonly problem: string };

/** Reads a string in double quotes, or in backquotes, by the rules of Go. */
export function unquote(quoted: string): Unquoted {
  const inner = quoted.slice(1, -1);
  return quoted.startsWith("`") ? { text: inner.replaceAll("\r", "") } : unescaped(inner, '"');
}

/** Reads a character in single quotes: its code point. */
export function readCharacter(quoted: string): { readonly int: number } | { problem: string } {
  const read = unescaped(quoted.slice(1, -1), "'");
  if ("problem" in read) return read;
  const [character, ...more] = read.text;
  const int = character?.codePointAt(0);
  return int === undefined || more.length > 0
    ? { problem: `${quoted} is not one character` }
    : { int };
}

const escape = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/gsu;

const simple: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\" },
};

function unescaped(inner: string, quote: string): Unquoted {
  let wrong: string | undefined;
  const parts: Buffer[] = [];
  let from = 0;
  for (const { 0: found, index } of inner.matchAll(escape)) {
    parts.push(Buffer.from(inner.slice(from, index)));
    from = index + found.length;
    const bytes = bytesOf(found, quote);
    if (bytes) parts.push(bytes);
    else wrong ??= found;
  }
  if (wrong !== undefined) return { problem: `${wrong} is not an escape sequence of Go` };
  const bytes = Buffer.concat([...parts, Buffer.from(inner.slice(from))]);
  if (isUtf8(bytes)) return { text: bytes.toString() };
  return { problem: "the bytes of the string are not UTF-8, which is not supported" };
}

/** `\x41` and `\101` are bytes, `\u0041` is a character. */
function bytesOf(sequence: string, quote: string): Buffer | undefined {
  const [, kind = "", digits = ""] = /^\\([xuU]?)([\da-fA-F]*)/.exec(sequence) ?? [];
  if (kind !== "" && digits !== "") {
    const code = Number.parseInt(digits, 16);
    if (kind === "x") return Buffer.from([code]);
    const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    return isCharacter ? Buffer.from(String.fromCodePoint(code)) : undefined;
  }
  if (/^\\[0-7]{3}$/.test(sequence)) {
    const code = Number.parseInt(sequence.slice(1), 8);
    return code < 256 ? Buffer.from([code]) : undefined;
  }
  const name = sequence.slice(1);
  if (name === quote) return Buffer.from(quote);
  const character = Object.hasOwn(simple, name) ? simple[name] : undefined;
  return character === undefined ? undefined : Buffer.from(character);
}
