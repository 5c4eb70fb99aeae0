/** A piece of a template, as Go's lexer cuts it. */
export interface GoToken {
  readonly kind: TokenKind;
  /** The offset in the template. */
  readonly at: number;
  /** As it stands in the template; for text, what is left of it between trim markers. */
  readonly text: string;
  /** White space comes before it. Always false for text and `{{`. */
  readonly isSpaced: boolean;
}

export type TokenKind =
  | ("text" | "open" | "close" | "end of file")
  | ("string" | "raw string" | "character" | "number" | "bool" | "nil")
  | ("dot" | "field" | "variable" | "identifier" | "keyword")
  | ("declare" | "assign" | "pipe" | "left paren" | "right paren" | "other");

export const keywords: ReadonlySet<string> = new Set([
  ...["if", "else", "end", "range", "with", "define", "block", "template", "break", "continue"],
]);

/** A token for a message. */
export function shown({ kind, text }: GoToken): string {
  if (kind === "end of file") return "the end of the file";
  if (kind === "keyword") return `{{${text}}}`;
  if (kind === "close") return '"}}"';
  return text.length > 30 ? `${JSON.stringify(text.slice(0, 30))}…` : JSON.stringify(text);
}
