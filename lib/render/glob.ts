import { excerpt } from "../base/excerpt.ts";
import { HelperError } from "./helpers/contract.ts";

/** A pattern for keys, ready to be asked about many of them. */
export interface Glob {
  /** The folder that every matching key lies below: `/services/web`; the root is the empty string. */
  readonly literalPrefix: string;
  /** The glob is itself the only key that it matches: nothing in it is magic or escaped. */
  readonly exact: boolean;
  readonly matches: (key: string) => boolean;
}

/**
 * Reads a glob in the syntax of Go's path.Match: `*` is any characters and `?` one, neither across a `/`;
 * `[a-c]` and `[^a]` are one of a class; `\` takes the next character as it is; `**` means `*`; there are
 * no braces. Unlike in Go, a class does not match a `/` either. A bad pattern is a HelperError.
 */
export function compileGlob(glob: string): Glob {
  const known = compiled.get(glob);
  if (known) return known;
  const fresh = compile(glob);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(glob, fresh);
  return fresh;
}

const compiled = new Map<string, Glob>();

/** Templates make globs from names that come and go, so what is kept for them has a limit. */
const mostCompiled = 10_000;

function compile(glob: string): Glob {
  const tokens = [...read(glob)];
  const magic = tokens.findIndex(({ literal }) => literal === undefined);
  const literals = magic < 0 ? tokens : tokens.slice(0, magic);
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
  /** For a regular expression; `*` and `/` stand for themselves and occur in no other token's source. */
  readonly source: string;
  /** The character that it matches; undefined where it is magic. */
  readonly literal?: string;
}

/** A character of a class: Go wants `-` and `]` escaped there. */
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
    if (!found) throw new HelperError(`the pattern ${excerpt(glob)} cannot be read`);
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
    // Go lets a range that runs backwards match nothing; in a regular expression it is an error.
    return from <= to ? `${quoted(from)}-${quoted(to)}` : "";
  });
  return String.raw`(?!\u{2f})[${not}${sources.join("")}]`;
}

const range = new RegExp(`(${member})(?:-(${member}))?`, "gsu");

/** The code point of a character with or without the backslash that escapes it. */
function codeOf(text: string): number {
  return text.codePointAt(text.length > 1 && text.startsWith("\\") ? 1 : 0) ?? 0;
}

function quoted(code: number): string {
  return String.raw`\u{${code.toString(16)}}`;
}

/**
 * What stands between two slashes. Only the last star may give back what it took: the text after any
 * other is taken where it is first found, which suffices, and no key can make the search take long.
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
