import { Unreadable } from "./mistakes.ts";
import { type GoToken, shown, type TokenKind } from "./token.ts";

/** The tokens of a template, one after the other. */
export class Reader {
  readonly #tokens: readonly GoToken[];
  #at = 0;

  constructor(tokens: readonly GoToken[]) {
    this.#tokens = tokens;
  }

  /** The token that is read next, or one after it. */
  peek(ahead = 0): GoToken {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as GoToken;
  }

  next(): GoToken {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Reads a token of this kind. `place` is for the message: `{{end}}`. Throws Unreadable. */
  expect(kind: TokenKind, place: string): GoToken {
    const token = this.next();
    if (token.kind !== kind) throw unexpected(token, place);
    return token;
  }

  /** Whether the next token is this keyword; then it is read. */
  accepts(keyword: string): boolean {
    const token = this.peek();
    const isIt = token.kind === "keyword" && token.text === keyword;
    if (isIt) this.next();
    return isIt;
  }
}

export function unexpected(token: GoToken, place: string): Unreadable {
  return new Unreadable(token.at, `unexpected ${shown(token)} in ${place}`);
}
