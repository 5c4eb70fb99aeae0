import { toLower, toUpper } from "../../helpers/case.ts";
import { HelperError } from "../../helpers/contract.ts";
import { byteLength, cut } from "../values/bytes.ts";
import { textOf } from "../values/cast.ts";
import { display } from "../values/print.ts";
import { quote } from "../values/quote.ts";
import { isNil } from "../values/types.ts";
import { pure, table } from "./define.ts";

/** Texts, as in sprig. Positions and lengths are in bytes, as in Go. */
export const sprigText = table(
  pure(
    "abbrev(width int, text string) string",
    "the text, cut to a width with `...`",
    (width, text) => (width < 4 ? text : abbreviated(text, 0, width)),
  ),
  pure(
    "abbrevboth(left, right int, text string) string",
    "the text, cut on both sides with `...`",
    (left, right, text) =>
      right < 4 || (left > 0 && right < 7) ? text : abbreviated(text, left, right),
  ),
  pure(
    "trunc(length int, text string) string",
    "the first bytes, or the last ones for a negative length",
    trunc,
  ),
  pure("substr(start, end int, text string) string", "the bytes from start to end", substr),
  pure("trim(text string) string", "the text without white space around it", trimSpace),
  pure("upper(text string) string", "the text in upper case", toUpper),
  pure("lower(text string) string", "the text in lower case", toLower),
  pure("repeat(count int, text string) string", "the text this many times", (count, text) =>
    repeated(text, count),
  ),
  pure("trimall(characters, text string) string", "trimAll", trimAll),
  pure(
    "trimAll(characters, text string) string",
    "the text without these characters around it",
    trimAll,
  ),
  pure("trimPrefix(prefix, text string) string", "the text without this prefix", (prefix, text) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  pure("nospace(text string) string", "the text without white space", (text) =>
    text.replace(whiteSpaces, ""),
  ),
  pure(
    "hasPrefix(prefix, text string) bool",
    "whether the text begins with the prefix",
    (prefix, text) => text.startsWith(prefix),
  ),
  pure(
    "hasSuffix(suffix, text string) bool",
    "whether the text ends with the suffix",
    (suffix, text) => text.endsWith(suffix),
  ),
  pure("quote(values ...any) string", "the values in double quotes", (...values) =>
    present(values)
      .map((value) => quote(textOf(value)))
      .join(" "),
  ),
  pure("squote(values ...any) string", "the values in single quotes", (...values) =>
    present(values)
      .map((value) => `'${display(value)}'`)
      .join(" "),
  ),
  pure("cat(values ...any) string", "the values with spaces between them", (...values) =>
    present(values).map(display).join(" "),
  ),
  pure("indent(spaces int, text string) string", "the text with spaces before each line", indent),
  pure(
    "nindent(spaces int, text string) string",
    "a new line, and the text with spaces before each line",
    (spaces, text) => `\n${indent(spaces, text)}`,
  ),
  pure(
    "plural(one, many string, count int) string",
    "the first text for 1, else the second",
    (one, many, count) => (count === 1 ? one : many),
  ),
  pure("toString(value any) string", "the value as text", textOf),
);

const whiteSpaces = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** What Go calls white space: other than in JavaScript, U+0085 is, and U+FEFF is not. */
export function isSpace(character: string): boolean {
  return character.replace(whiteSpaces, "") === "";
}

function trimSpace(text: string): string {
  return trimmed(text, isSpace);
}

function trimAll(characters: string, text: string): string {
  const all = new Set(characters);
  return trimmed(text, (character) => all.has(character));
}

function trimmed(text: string, isTrimmed: (character: string) => boolean): string {
  const characters = [...text];
  const first = characters.findIndex((one) => !isTrimmed(one));
  if (first === -1) return "";
  return characters.slice(first, characters.findLastIndex((one) => !isTrimmed(one)) + 1).join("");
}

/** Far more than a configuration needs. */
const maxLength = 10_000_000;

function repeated(text: string, count: number): string {
  if (count < 0) throw new HelperError("strings: negative Repeat count");
  if (text.length * count <= maxLength) return text.repeat(count);
  throw new HelperError(`a text of more than ${maxLength} characters is not supported`);
}

function indent(spaces: number, text: string): string {
  const margin = repeated(" ", spaces);
  return margin + text.replaceAll("\n", `\n${margin}`);
}

function trunc(length: number, text: string): string {
  const size = byteLength(text);
  if (length < 0 && size + length > 0) return cut(text, size + length, size);
  return length >= 0 && size > length ? cut(text, 0, length) : text;
}

function substr(start: number, end: number, text: string): string {
  const size = byteLength(text);
  if (start < 0) return part(text, 0, end, size);
  return part(text, start, end < 0 || end > size ? size : end, size);
}

function part(text: string, from: number, to: number, size: number): string {
  if (to < 0 || to > size || from > to) {
    throw new HelperError(`runtime error: slice bounds out of range [${from}:${to}]`);
  }
  return cut(text, from, to);
}

function abbreviated(text: string, left: number, width: number): string {
  const size = byteLength(text);
  if (size <= width) return text;
  const room = width - 3;
  const start = Math.min(left, size, Math.max(0, size - room));
  if (start <= 4) return `${cut(text, 0, room)}...`;
  if (width < 7) return "";
  if (start + room >= size) return `...${cut(text, size - room, size)}`;
  return `...${abbreviated(cut(text, start, size), 0, room)}`;
}

function present(values: readonly unknown[]): readonly unknown[] {
  return values.filter((value) => !isNil(value));
}
