import { type Block, merged, type Piece } from "./pieces.ts";

const newline: Piece = { kind: "text", text: "\n" };

/**
 * The same template with blocks that begin on lines of their own where that is possible: Go templates trim the line break before
 * a block, and have one at the beginning of its body. `a{{#each}}↵b{{/each}}↵` is the same as `a↵{{#each}}b↵{{/each}}`.
 */
export function rotated(pieces: readonly Piece[], startsLine = true): readonly Piece[] {
  const out = [...merged(pieces)];
  for (let i = out.length - 1; i >= 0; i -= 1) {
    const block = out[i];
    const isAlone = i === 0 ? startsLine : endsLine(out[i - 1]);
    if (block?.kind !== "block" || isAlone) continue;
    if (block.name === "let") out.splice(i, 1, ...hoisted(block));
    else out.splice(i, 2, ...turned(block, out[i + 1]));
  }
  return merged(out).map((piece, i, all) => {
    if (piece.kind !== "block") return piece;
    return within(piece, i === 0 ? startsLine : endsLine(all[i - 1]));
  });
}

function within(block: Block, startsLine: boolean): Block {
  const branches = block.branches.map(({ tag, body }) => ({
    tag,
    body: rotated(body, startsLine),
  }));
  return { ...block, branches };
}

/** The body of a let is written once: a line break at its beginning may as well stand before it. */
function hoisted(block: Block): readonly Piece[] {
  const inner = within(block, false);
  const [branch] = inner.branches;
  const [first, ...rest] = branch?.body ?? [];
  if (!branch || first?.kind !== "text" || !first.text.startsWith("\n")) return [inner];
  const body = [{ ...first, text: first.text.slice(1) }, ...rest];
  return [newline, { ...inner, branches: [{ ...branch, body: merged(body) }] }];
}

/** A block and what follows on it, with the line break between them before the block. */
function turned(block: Block, after: Piece | undefined): readonly Piece[] {
  const isBroken = after?.kind === "text" && after.text.startsWith("\n");
  const inner = isBroken ? rotateBlock(block) : undefined;
  if (!inner || after?.kind !== "text") return after ? [block, after] : [block];
  return [newline, inner, { ...after, text: after.text.slice(1) }];
}

function endsLine(piece: Piece | undefined): boolean {
  if (piece?.kind === "text") return piece.text.endsWith("\n");
  return (
    piece?.kind === "block" &&
    piece.branches.every(({ body }) => body.length > 0 && endsLine(body.at(-1)))
  );
}

/** The block after a line break that gives the text of `block` before one; undefined if there is none. */
function rotateBlock(block: Block): Block | undefined {
  const branches = block.branches.map(({ tag, body }) => ({ tag, body: rotateList(body) }));
  if (branches.some(({ body }) => body === undefined)) return undefined;
  return { ...block, branches } as Block;
}

function rotateList(pieces: readonly Piece[]): readonly Piece[] | undefined {
  const [first, ...rest] = pieces;
  if (!first) return [];
  if (first.kind === "text" && first.text.startsWith("\n")) {
    return merged([{ ...first, text: first.text.slice(1) }, ...rest, newline]);
  }
  const turned = first.kind === "block" ? rotateBlock(first) : undefined;
  const others = turned && rotateList(rest);
  return turned && others && [turned, ...others];
}
