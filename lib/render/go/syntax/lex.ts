import { lexAction } from "./lex-action.ts";
import { Unreadable } from "./mistakes.ts";
import type { GoToken } from "./token.ts";

/**
 * Cuts a template into tokens, as Go's lexer does: `{{- ` and ` -}}` trim the text around them, and comments are left out.
 * Throws Unreadable.
 */
export function lex(text: string): readonly GoToken[] {
  const tokens: GoToken[] = [];
  for (let at: number | undefined = 0; at !== undefined; ) at = lexPiece(text, at, tokens);
  tokens.push({ kind: "end of file", at: text.length, text: "", isSpaced: false });
  return tokens;
}

/** Text, and the action after it. Returns the offset of the next text; undefined at the end. */
function lexPiece(text: string, from: number, tokens: GoToken[]): number | undefined {
  const open = text.indexOf("{{", from);
  const whole = text.slice(from, open === -1 ? undefined : open);
  const isTrimmed = open !== -1 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
  const kept = isTrimmed ? whole.replace(/[ \t\r\n]+$/, "") : whole;
  if (kept !== "") tokens.push({ kind: "text", at: from, text: kept, isSpaced: false });
  if (open === -1) return undefined;
  const inner = open + (isTrimmed ? 4 : 2);
  const end = text.startsWith("/*", inner)
    ? afterComment(text, inner)
    : lexAction(text, open, inner, tokens);
  const trimsNext = /[ \t\r\n]-\}\}$/.test(text.slice(Math.max(inner, end - 4), end));
  return trimsNext ? afterSpace(text, end) : end;
}

function afterComment(text: string, from: number): number {
  const end = text.indexOf("*/", from + 2);
  if (end === -1) throw new Unreadable(from, "the comment is not closed: */ is missing");
  const close = /^(?:[ \t\r\n]-)?\}\}/.exec(text.slice(end + 2, end + 6))?.[0];
  if (!close) throw new Unreadable(end + 2, "a comment is alone in its {{…}}: }} must follow */");
  return end + 2 + close.length;
}

function afterSpace(text: string, from: number): number {
  const space = /[ \t\r\n]*/y;
  space.lastIndex = from;
  return from + (space.exec(text)?.[0].length ?? 0);
}
