/** A part of a Handlebars template, before it is laid out on lines. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** What stands between the braces. */
  | { readonly kind: "value"; readonly source: string }
  | Block;

export interface Block {
  readonly kind: "block";
  /** The first one opens the block. */
  readonly branches: readonly Branch[];
  /** `each`, `if`, `with` or `let`. */
  readonly name: string;
}

export interface Branch {
  /** `#if x`, `else if y` or `else`. */
  readonly tag: string;
  readonly body: readonly Piece[];
}

/** The same pieces with adjacent texts as one. */
export function merged(pieces: readonly Piece[]): readonly Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.kind !== "text") out.push(piece);
    else if (last?.kind === "text") out[out.length - 1] = { ...last, text: last.text + piece.text };
    else if (piece.text !== "") out.push(piece);
  }
  return out;
}
