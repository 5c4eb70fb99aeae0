import { HelperError } from "../../helpers/contract.ts";
import { GoRegExp } from "../regex/regexp.ts";
import { type GoFunction, pure, table } from "./define.ts";

/** Regular expressions of Go, as in sprig. `must…` is the same as the function without it. */
export const sprigRegex = table(
  pure(
    "regexMatch(pattern, text string) bool",
    "whether the pattern matches a part of the text",
    (pattern, text) => {
      try {
        return matches(pattern, text);
      } catch (error) {
        if (error instanceof HelperError) return false;
        throw error;
      }
    },
  ),
  pure(
    "mustRegexMatch(pattern, text string) bool",
    "regexMatch; an invalid pattern is an error",
    matches,
  ),
  ...both(
    "Find",
    "(pattern, text string) string",
    "the first match",
    (pattern, text) => GoRegExp.of(pattern).first(text)?.texts[0] ?? "",
  ),
  ...both(
    "FindAll",
    "(pattern, text string, count int) []string",
    "the first matches; all for a negative count",
    found,
  ),
  ...both(
    "ReplaceAll",
    "(pattern, text, replacement string) string",
    "the text with all matches replaced; `$1` is the text of a group",
    (pattern, text, replacement) => {
      const regexp = GoRegExp.of(pattern);
      return regexp.replace(text, (match) => regexp.expand(replacement, match));
    },
  ),
  ...both(
    "ReplaceAllLiteral",
    "(pattern, text, replacement string) string",
    "the text with all matches replaced",
    (pattern, text, replacement) => GoRegExp.of(pattern).replace(text, () => replacement),
  ),
  ...both(
    "Split",
    "(pattern, text string, count int) []string",
    "the parts of the text between matches",
    split,
  ),
  pure("regexQuoteMeta(text string) string", "a pattern that matches the text alone", (text) =>
    text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&"),
  ),
);

function both(
  name: string,
  declaration: string,
  returns: string,
  implementation: Parameters<typeof pure>[2],
): readonly GoFunction[] {
  return [`regex${name}`, `mustRegex${name}`].map((one) =>
    pure(one + declaration, returns, implementation),
  );
}

function matches(pattern: string, text: string): boolean {
  return GoRegExp.of(pattern).first(text) !== undefined;
}

function found(pattern: string, text: string, count: number): readonly string[] {
  const all = Array.from(GoRegExp.of(pattern).matches(text), ({ texts: [whole = ""] }) => whole);
  return count < 0 ? all : all.slice(0, count);
}

function split(pattern: string, text: string, count: number): readonly string[] {
  const regexp = GoRegExp.of(pattern);
  if (count === 0) return [];
  if (pattern !== "" && text === "") return [""];
  const characters = [...text];
  const parts: string[] = [];
  let [start, end] = [0, 0];
  for (const match of regexp.matches(text)) {
    if (count > 0 && parts.length === count - 1) break;
    end = match.start;
    if (match.end !== 0) parts.push(characters.slice(start, end).join(""));
    start = match.end;
  }
  return end === characters.length ? parts : [...parts, characters.slice(start).join("")];
}
