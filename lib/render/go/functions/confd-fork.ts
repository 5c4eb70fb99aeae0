import { toLower, toUpper } from "../../helpers/case.ts";
import { HelperError } from "../../helpers/contract.ts";
import { GoRegExp } from "../regex/regexp.ts";
import { jsonText, parseJson } from "../values/json-text.ts";
import { mapOfPairs } from "./confd-data.ts";
import { pure, table } from "./define.ts";

/** What confd's fork has added, where sprig has nothing of the name, or something else. */
export const confdFork = table(
  pure("trimPrefix(text, prefix string) string", "the text without this prefix", (text, prefix) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  pure("indent(spaces int, text string) string", "the text with spaces before each line", indent),
  pure(
    "nindent(spaces int, text string) string",
    "a new line, and the text with spaces before each line",
    (spaces, text) => `\n${indent(spaces, text)}`,
  ),
  pure("snakecase(text string) string", "the words in lower case, joined by `_`", (text) =>
    wordsOf(text).map(toLower).join("_"),
  ),
  pure("kebabcase(text string) string", "the words in lower case, joined by `-`", (text) =>
    wordsOf(text).map(toLower).join("-"),
  ),
  pure(
    "camelcase(text string) string",
    "the words joined; all but the first begin in upper case",
    (text) => wordsOf(text).map(inCamelCase).join(""),
  ),
  pure("dict(pairs ...any) map", "a map of these keys and values", mapOfPairs),
  pure("fromJson(text string) any", "the value of a JSON text", parseJson),
  pure("toJson(value any) string", "the value as JSON", (value) =>
    jsonText(value, { html: true, pretty: false }),
  ),
  pure("toPrettyJson(value any) string", "the value as JSON on several lines", (value) =>
    jsonText(value, { html: true, pretty: true }),
  ),
  pure(
    "regexMatch(pattern, text string) bool",
    "whether the pattern matches a part of the text",
    (pattern, text) => GoRegExp.of(pattern).first(text) !== undefined,
  ),
);

function indent(spaces: number, text: string): string {
  if (text === "") return "";
  if (spaces < 0) throw new HelperError("strings: negative Repeat count");
  if (spaces > maxSpaces) throw new HelperError(`more than ${maxSpaces} spaces are not supported`);
  const margin = " ".repeat(spaces);
  return margin + text.replaceAll("\n", `\n${margin}`);
}

const maxSpaces = 10_000;

/** Between two words: connectors, or the place before a capital after another letter, or one that begins a word. */
const betweenWords = /[_\- ]+|(?<=[^\p{Lu}_\- ])(?=\p{Lu})|(?<=[^_\- ])(?=\p{Lu}\p{Ll})/u;

/** `HTTPServer foo_bar` has the words HTTP, Server, foo and bar. */
function wordsOf(text: string): readonly string[] {
  return text.split(betweenWords).filter((word) => word !== "");
}

function inCamelCase(word: string, at: number): string {
  if (at === 0) return toLower(word);
  const [first = "", ...rest] = word;
  return toUpper(first) + toLower(rest.join(""));
}
