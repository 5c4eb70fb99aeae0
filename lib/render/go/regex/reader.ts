import { syntaxError } from "./syntax-error.ts";

/** Reads a regular expression character by character. */
export class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#characters = [...text];
  }

  get position(): number {
    return this.#at;
  }

  /** The next character, which is not taken; undefined at the end. */
  peek(ahead = 0): string | undefined {
    return this.#characters[this.#at + ahead];
  }

  next(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw syntaxError("unexpected end", this.text());
    this.#at += 1;
    return character;
  }

  /** Takes the text if it comes next. */
  take(text: string): boolean {
    const characters = [...text];
    if (!characters.every((one, at) => this.peek(at) === one)) return false;
    this.#at += characters.length;
    return true;
  }

  /** Takes what matches at this place; undefined if nothing does. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.#characters.slice(this.#at).join(""));
    if (found?.index !== 0) return undefined;
    this.#at += [...found[0]].length;
    return found;
  }

  text(from = 0): string {
    return this.#characters.slice(from, Math.max(this.#at, from + 1)).join("");
  }
}
