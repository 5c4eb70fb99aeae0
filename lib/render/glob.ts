import { excerpt } from "../base/excerpt.ts";
import { HelperError } from "./helpers/contract.ts";

/** A compiled pattern for keys. */
export interface Glob {
  /** The folder of every matching key, as far as it is literal: `/services/web`. The root is the empty string. */
  readonly literalPrefix: string;
  /** Whether the glob has no wildcards and no escapes, and so matches itself alone. */
  readonly exact: boolean;
  readonly matches: (key: string) => boolean;
}

/**
 * Compiles a glob in the syntax of Go's path.Match: `*` matches any characters and `?` a single one, neither of
 * them a `/`; `[a-c]` and `[^a]` match one character of a class; `\` escapes the next character; `**` is the same as
 * `*`; there are no braces. Unlike in Go, a class never matches a `/`. Throws a HelperError for an invalid pattern.
 */
export function compileGlob(glob: string): Glob {
  const known = compiled.get(glob);
  if (known) return known;
  const fresh = compile(glob);
  if (compiled.size >= maxCompiled) compiled.clear();
  compiled.set(glob, fresh);
  return fresh;
}

const compiled = new Map<string, Glob>();

/** The cache is bounded: templates build globs from names that come and go. */
const maxCompiled = 10_000;

function compile(glob: string): Glob {
  const tokens = [...read(glob)];
  const wildcard = tokens.findIndex(({ literal }) => literal === undefined);
  const literals = wildcard < 0 ? tokens : tokens.slice(0, wildcard);
  const start = literals.map(({ literal }) => literal).join("");
  const parts = tokens
    .map(({ source }) => source)
    .join("")
    .split("/");
  const pattern = new RegExp(`^${parts.map(partSource).join("/")}$`, "su");
  return {
    literalPrefix: start.slice(0, Math.max(0, start.lastIndexOf("/"))),
    exact: start === glob,
    matches: (key) => pattern.test(key),
  };
}

interface Token {
  /** Source of a regular expression, except for `*` and `/`, which occur in no other token. */
  readonly source: string;
  /** The character that it matches; undefined for a wildcard. */
  readonly literal?: string;
}

/** A character of a class, in which Go requires `-` and `]` to be escaped. */
const member = String.raw`(?:\\.|[^\-\]\\])`;

const token = new RegExp(
  [
    String.raw`(?<stars>\*+)`,
    String.raw`(?<any>\?)`,
    String.raw`\[(?<not>\^|(?!\^))(?<ranges>(?:${member}(?:-${member})?)+)\]`,
    String.raw`\\(?<escaped>.)`,
    String.raw`(?<plain>[^\\[])`,
  ].join("|"),
  "suy",
);

function* read(glob: string): Generator<Token> {
  for (let at = 0; at < glob.length; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(glob)?.groups;
    if (!found) throw new HelperError(`invalid pattern ${excerpt(glob)}`);
    const literal = found.escaped ?? found.plain;
    if (literal !== undefined)
      yield { source: literal === "/" ? "/" : quoted(codeOf(literal)), literal };
    else if (found.stars) yield { source: "*" };
    else yield { source: found.any ? notSlash : classSource(found.not, found.ranges) };
  }
}

const notSlash = String.raw`[^\u{2f}]`;

function classSource(not = "", ranges = ""): string {
  const sources = [...ranges.matchAll(range)].map(([, low = "", high = low]) => {
    const [from, to] = [codeOf(low), codeOf(high)];
    // In Go a reversed range matches nothing; in a regular expression it is an error.
    return from <= to ? `${quoted(from)}-${quoted(to)}` : "";
  });
  return String.raw`(?!\u{2f})[${not}${sources.join("")}]`;
}

const range = new RegExp(`(${member})(?:-(${member}))?`, "gsu");

/** The code point of a character, which may be escaped by a backslash. */
function codeOf(text: string): number {
  return text.codePointAt(text.length > 1 && text.startsWith("\\") ? 1 : 0) ?? 0;
}

function quoted(code: number): string {
  return String.raw`\u{${code.toString(16)}}`;
}

/**
 * The source for the part between two slashes. Only the last star backtracks. For every other star the first match
 * of the text after it is final, which is sufficient, and no key can make the search slow.
 */
function partSource(part: string, at: number): string {
  const [head = "", ...chunks] = part.split("*");
  const last = chunks.pop();
  if (last === undefined) return head;
  const found = chunks.map((chunk, i) => {
    const name = `part${at}_${i}`;
    return `(?=(?<${name}>${notSlash}*?${chunk}))\\k<${name}>`;
  });
  return `${head}${found.join("")}${notSlash}*${last}`;
}
