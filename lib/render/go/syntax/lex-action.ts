import { Unreadable } from "./mistakes.ts";
import { type GoToken, keywords, type TokenKind } from "./token.ts";

/**
 * Cuts the action at `open` into tokens; the text after its `{{` begins at `inner`. Returns the offset after its `}}`. Throws
 * Unreadable.
 */
export function lexAction(text: string, open: number, inner: number, tokens: GoToken[]): number {
  tokens.push({ kind: "open", at: open, text: "{{", isSpaced: false });
  let depth = 0;
  for (let at = inner; ; ) {
    const start = at + spanOf(space, text, at);
    if (start === text.length) throw new Unreadable(open, "{{ is not closed: }} is missing");
    const token = closeAt(text, start, start > at) ?? tokenAt(text, start, start > at);
    tokens.push(token);
    at = start + token.text.length;
    depth = depthAfter(token, depth);
    if (token.kind === "close") return at;
  }
}

/** `}}`, or `-}}` after white space. */
function closeAt(text: string, at: number, isSpaced: boolean): GoToken | undefined {
  const found = ["}}", ...(isSpaced ? ["-}}"] : [])].find((one) => text.startsWith(one, at));
  return found === undefined ? undefined : { kind: "close", at, text: found, isSpaced };
}

/** The number of open parentheses after a token. */
function depthAfter({ kind, at }: GoToken, depth: number): number {
  if (kind === "close" && depth > 0) throw new Unreadable(at, "a ( is not closed before }}");
  if (kind === "right paren" && depth === 0) throw new Unreadable(at, "there is no ( for this )");
  if (kind === "left paren") return depth + 1;
  return kind === "right paren" ? depth - 1 : depth;
}

const space = /[ \t\r\n]*/y;
const word = /[\p{L}\p{Nd}_]*/uy;
const number =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;
/** May follow a name: white space, the end, or one of these. */
const terminator = /[ \t\r\n.,|:)(]|\}\}|$/y;

const simple: Readonly<Record<string, TokenKind>> = {
  "=": "assign",
  "|": "pipe",
  "(": "left paren",
  ")": "right paren",
};

const quoted: readonly (readonly [string, TokenKind, RegExp])[] = [
  ['"', "string", /"(?:[^"\\\n]|\\[^\n])*"/y],
  ["'", "character", /'(?:[^'\\\n]|\\[^\n])*'/y],
  ["`", "raw string", /`[^`]*`/y],
];

function tokenAt(text: string, at: number, isSpaced: boolean): GoToken {
  const first = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const [kind, length] = simpleAt(text, at, first) ?? quotedAt(text, at, first) ?? [];
  if (kind) return { kind, at, text: text.slice(at, at + (length ?? 0)), isSpaced };
  const [other, size] = nameAt(text, at, first) ?? [];
  if (!other) {
    throw new Unreadable(at, `${JSON.stringify(first)} cannot be part of an action`);
  }
  const token: GoToken = { kind: other, at, text: text.slice(at, at + (size ?? 0)), isSpaced };
  return other === "identifier" ? identifier(token) : token;
}

type Cut = readonly [kind: TokenKind, length: number];

function simpleAt(text: string, at: number, first: string): Cut | undefined {
  if (first === ":") {
    if (text[at + 1] !== "=") throw new Unreadable(at, "found : where := was expected");
    return ["declare", 2];
  }
  const kind = Object.hasOwn(simple, first) ? simple[first] : undefined;
  return kind && [kind, 1];
}

function quotedAt(text: string, at: number, first: string): Cut | undefined {
  const found = quoted.find(([quote]) => quote === first);
  if (!found) return undefined;
  const [quote, kind, pattern] = found;
  const length = spanOf(pattern, text, at);
  if (length === 0) throw new Unreadable(at, `the ${kind} is not closed: ${quote} is missing`);
  return [kind, length];
}

function nameAt(text: string, at: number, first: string): Cut | undefined {
  if (first === "$") return ["variable", nameLength(text, at)];
  if (first === "." && !/\d/.test(text[at + 1] ?? "")) {
    const length = nameLength(text, at);
    return [length === 1 ? "dot" : "field", length];
  }
  if (/[+\-.\d]/.test(first)) return ["number", numberLength(text, at)];
  if (/[\p{L}\p{Nd}_]/u.test(first)) return ["identifier", nameLength(text, at)];
  return /[!-~]/.test(first) ? ["other", 1] : undefined;
}

function identifier(token: GoToken): GoToken {
  const { text } = token;
  if (keywords.has(text)) return { ...token, kind: "keyword" };
  if (text === "nil") return { ...token, kind: "nil" };
  return text === "true" || text === "false" ? { ...token, kind: "bool" } : token;
}

/** Of a name, with the `$` or `.` that it may begin with. */
function nameLength(text: string, at: number): number {
  const isPrefixed = text[at] === "$" || text[at] === ".";
  const end = at + (isPrefixed ? 1 : 0) + spanOf(word, text, at + (isPrefixed ? 1 : 0));
  terminator.lastIndex = end;
  if (terminator.test(text)) return end - at;
  const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
  throw new Unreadable(end, `${JSON.stringify(character)} cannot follow ${text.slice(at, end)}`);
}

function numberLength(text: string, at: number): number {
  const length = spanOf(number, text, at);
  const next = at + length;
  const isCut = spanOf(word, text, next) > 0 || /[+-]/.test(text[next] ?? "");
  if (!isCut) return length;
  const end = next + Math.max(1, spanOf(word, text, next));
  throw new Unreadable(at, `${text.slice(at, end)} is not a number that is supported`);
}

function spanOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
