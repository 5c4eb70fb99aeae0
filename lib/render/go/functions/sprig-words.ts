import { toLower, toTitle, toUpper } from "../../helpers/case.ts";
import { HelperError } from "../../helpers/contract.ts";
import { byteLength } from "../values/bytes.ts";
import { pure, table } from "./define.ts";
import { isSpace } from "./sprig-text.ts";
import { camelCase, joinedByCase } from "./words.ts";

/** Words of texts, as in sprig. */
export const sprigWords = table(
  pure("title(text string) string", "the text with words that begin in upper case", title),
  pure("untitle(text string) string", "the text with words that begin in lower case", untitle),
  pure("swapcase(text string) string", "the text with upper and lower case exchanged", swapCase),
  pure("initials(text string) string", "the first letters of the words", initials),
  pure("snakecase(text string) string", "words in lower case, joined by `_`", (text) =>
    joinedByCase(text, "_"),
  ),
  pure("kebabcase(text string) string", "words in lower case, joined by `-`", (text) =>
    joinedByCase(text, "-"),
  ),
  pure("camelcase(text string) string", "words that begin in upper case, joined", camelCase),
  pure(
    "wrap(length int, text string) string",
    "the text with lines of at most this length",
    (length, text) => wrapped(text, length, "\n", false),
  ),
  pure(
    "wrapWith(length int, separator, text string) string",
    "the text in parts of at most this length, with separators between them",
    (length, separator, text) => wrapped(text, length, separator || "\n", true),
  ),
);

function title(text: string): string {
  let before = " ";
  return Array.from(text, (character) => {
    const isFirst = isSeparator(before);
    before = character;
    return isFirst ? toTitle(character) : character;
  }).join("");
}

function isSeparator(character: string): boolean {
  if (/^[\0-\x7f]$/.test(character)) return !/[0-9A-Za-z_]/.test(character);
  return !/^[\p{L}\p{Nd}]$/u.test(character) && isSpace(character);
}

function untitle(text: string): string {
  let isFirst = true;
  return Array.from(text, (character) => {
    const mapped = isFirst && !isSpace(character) ? toLower(character) : character;
    isFirst = isSpace(character);
    return mapped;
  }).join("");
}

function swapCase(text: string): string {
  let isFirst = true;
  return Array.from(text, (character) => {
    const isUpper = /^[\p{Lu}\p{Lt}]$/u.test(character);
    const isLower = /^\p{Ll}$/u.test(character);
    const wasFirst = isFirst;
    isFirst = isUpper || isLower ? false : isSpace(character);
    if (isUpper) return toLower(character);
    if (!isLower) return character;
    return wasFirst ? toTitle(character) : toUpper(character);
  }).join("");
}

function initials(text: string): string {
  let isFirst = true;
  return Array.from(text, (character) => {
    const isInitial = isFirst && !isSpace(character);
    isFirst = isSpace(character);
    return isInitial ? character : "";
  }).join("");
}

function wrapped(text: string, length: number, separator: string, cutsWords: boolean): string {
  if (byteLength(text) !== text.length) {
    throw new HelperError("the lines of a text that is not ASCII are not supported");
  }
  const width = Math.max(1, length);
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    rest = rest.slice(Math.min(rest.search(/[^ ]|$/), rest.length - width));
    if (rest.length <= width) break;
    const line = firstLine(rest, width, cutsWords);
    if (line === undefined) break;
    lines.push(line);
    rest = rest.slice(line.length + (rest[line.length] === " " ? 1 : 0));
  }
  return [...lines, rest].join(separator);
}

/** What fits into the width up to a space, or else one word; undefined if nothing is left behind that word. */
function firstLine(text: string, width: number, cutsWords: boolean): string | undefined {
  const space = text.lastIndexOf(" ", width);
  if (space >= 0) return text.slice(0, space);
  if (cutsWords) return text.slice(0, width);
  const next = text.indexOf(" ", width);
  return next === -1 ? undefined : text.slice(0, next);
}
