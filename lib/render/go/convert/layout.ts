import { outlineOf } from "../../engine/outline.ts";
import { merged, type Piece } from "./pieces.ts";

/**
 * The text of a Handlebars template. A tag at the beginning of a line gets a line of its own, which Handlebars leaves out of the
 * text. Undefined if no layout gives exactly the text of the pieces.
 */
export function layOut(pieces: readonly Piece[]): string | undefined {
  const expected = JSON.stringify(flat(pieces));
  for (const isGuarded of [false, true]) {
    const text = new LineWriting(isGuarded).of(pieces);
    if (text !== undefined && JSON.stringify(outlineOf(text)) === expected) return text;
  }
  return undefined;
}

/** A comment without a text, which keeps a tag from being alone on its line. */
const guard = "{{!}}";

class LineWriting {
  readonly #isGuarded: boolean;
  #text = "";
  /** The last piece is a tag. */
  #isAfterTag = false;

  constructor(isGuarded: boolean) {
    this.#isGuarded = isGuarded;
  }

  of(pieces: readonly Piece[]): string {
    this.#list(pieces);
    return this.#text;
  }

  #list(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (piece.kind === "text") this.#write(piece.text);
      else if (piece.kind === "value") this.#braces(piece.source);
      else {
        for (const { tag, body } of piece.branches) {
          this.#tag(tag);
          this.#list(body);
        }
        this.#tag(`/${piece.name}`);
      }
    }
  }

  #write(text: string): void {
    // Three closing braces end another kind of value.
    this.#text += this.#isAfterTag && text.startsWith("}") ? guard + text : text;
    this.#isAfterTag = false;
  }

  #tag(source: string): void {
    const line = this.#text.slice(this.#text.lastIndexOf("\n") + 1);
    if (this.#isGuarded && /^[ \t]+$/.test(line)) this.#text += guard;
    this.#braces(source);
    if (line !== "") return;
    this.#text += "\n";
    this.#isAfterTag = false;
  }

  #braces(source: string): void {
    // A backslash would escape the braces.
    if (this.#text.endsWith("\\")) this.#text += "\\";
    this.#text += `{{${source}}}`;
    this.#isAfterTag = true;
  }
}

/** Texts and tags in their order. */
function flat(pieces: readonly Piece[]): readonly string[] {
  return merged(pieces).flatMap((piece) => {
    if (piece.kind === "text") return [`"${piece.text}`];
    return piece.kind === "value" ? ["value"] : flatBlock(piece.branches);
  });
}

function flatBlock([first, ...others]: Extract<Piece, { kind: "block" }>["branches"]): string[] {
  const [second] = others;
  const body = ["open", ...flat(first?.body ?? [])];
  if (!second) return [...body, "close"];
  const inverse = second.tag === "else" ? flat(second.body) : flatBlock(others);
  return [...body, "else", ...inverse, "close"];
}
