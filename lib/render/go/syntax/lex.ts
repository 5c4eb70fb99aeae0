import { lexAction } from "./lex-action.ts";
import { Unreadable } from "./mistakes.ts";
import type { Token } from "./token.ts";

/**
 * Cuts a template into tokens, as Go's lexer does: `{{- ` and ` -}}` trim the text around them, and comments are left out.
 * Throws Unreadable.
 */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf("{{", at);
    const isTrimmed = open !== -1 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
    const whole = text.slice(at, open === -1 ? undefined : open);
    const kept = isTrimmed ? whole.replace(/[ \t\r\n]+$/, "") : whole;
    if (kept !== "") tokens.push({ kind: "text", at, text: kept, isSpaced: false });
    if (open === -1) break;
    const inner = open + (isTrimmed ? 4 : 2);
    const isComment = text.startsWith("/*", inner);
    if (!isComment) tokens.push({ kind: "open", at: open, text: "{{", isSpaced: false });
    at = isComment ? afterComment(text, inner) : lexAction(text, inner, open, tokens);
    if (/[ \t\r\n]-\}\}$/.test(text.slice(Math.max(inner, at - 4), at))) at = afterSpace(text, at);
  }
  tokens.push({ kind: "end of file", at: text.length, text: "", isSpaced: false });
  return tokens;
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
