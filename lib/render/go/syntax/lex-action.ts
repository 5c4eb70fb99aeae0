import { Unreadable } from "./mistakes.ts";
import { keywords, type Token, type TokenKind } from "./token.ts";

/**
 * Cuts an action into tokens, from `from`, after its `{{` at `open`, up to and with its `}}`. Returns the offset after it. Throws
 * Unreadable.
 */
export function lexAction(text: string, from: number, open: number, tokens: Token[]): number {
  let at = from;
  let depth = 0;
  for (;;) {
    const start = at;
    at += spanOf(space, text, at);
    const isSpaced = at > start;
    const close = text.startsWith("}}", at) ? "}}" : "-}}";
    if (close === "}}" || (isSpaced && text.startsWith("-}}", at))) {
      if (depth > 0) throw new Unreadable(at, "a ( is not closed before }}");
      tokens.push({ kind: "close", at, text: close, isSpaced });
      return at + close.length;
    }
    if (at === text.length) throw new Unreadable(open, "{{ is not closed: }} is missing");
    const token = tokenAt(text, at, isSpaced);
    if (token.kind === "left paren") depth += 1;
    if (token.kind === "right paren") depth -= 1;
    if (depth < 0) throw new Unreadable(at, "there is no ( for this )");
    tokens.push(token);
    at += token.text.length;
  }
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

function tokenAt(text: string, at: number, isSpaced: boolean): Token {
  const first = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const token = (kind: TokenKind, length: number): Token => {
    return { kind, at, text: text.slice(at, at + length), isSpaced };
  };
  const kind = Object.hasOwn(simple, first) ? simple[first] : undefined;
  if (kind) return token(kind, 1);
  if (first === ":") {
    if (text[at + 1] !== "=") throw new Unreadable(at, "found : where := was expected");
    return token("declare", 2);
  }
  for (const [quote, kind, pattern] of quoted) {
    if (first !== quote) continue;
    const length = spanOf(pattern, text, at);
    if (length === 0) throw new Unreadable(at, `the ${kind} is not closed: ${quote} is missing`);
    return token(kind, length);
  }
  if (first === "$") return token("variable", nameLength(text, at));
  if (first === "." && !/\d/.test(text[at + 1] ?? "")) {
    const length = nameLength(text, at);
    return token(length === 1 ? "dot" : "field", length);
  }
  if (/[+\-.\d]/.test(first)) return token("number", numberLength(text, at));
  if (/[\p{L}\p{Nd}_]/u.test(first)) return identifier(token("identifier", nameLength(text, at)));
  if (/[!-~]/.test(first)) return token("other", 1);
  throw new Unreadable(at, `${JSON.stringify(first)} cannot be part of an action`);
}

function identifier(token: Token): Token {
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
