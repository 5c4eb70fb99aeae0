import { bracketsSource } from "./brackets.ts";
import { escapedClass, escapedCode, literal } from "./escapes.ts";
import { Reader } from "./reader.ts";
import { syntaxError } from "./syntax-error.ts";

/** A regular expression of Go in the syntax of JavaScript, for the flag `u`. */
export interface Translation {
  readonly source: string;
  /** The names of the groups by number, from 1; an empty text for a group without a name. */
  readonly names: readonly string[];
}

/** Of the text that follows: ignore case, `^` and `$` at lines, `.` matches newlines, repetitions are short. */
interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

/** Throws a HelperError for what Go refuses: `(?=…)` and `\1` among others, which JavaScript would take. */
export function translate(text: string): Translation {
  return new Translator(text).translation();
}

/** The most that a repetition may count to. */
const maxRepeat = 1000;

class Translator {
  readonly #reader: Reader;
  readonly #names: string[] = [];
  #flags: Flags = { i: false, m: false, s: false, U: false };

  constructor(text: string) {
    this.#reader = new Reader(text);
  }

  translation(): Translation {
    const source = this.#alternatives();
    if (this.#reader.peek() === ")") throw syntaxError("unexpected )", this.#reader.text());
    return { source, names: this.#names };
  }

  /** Up to the end, or the `)` of the group. Flags that are set within hold until there. */
  #alternatives(): string {
    let source = "";
    for (;;) {
      const next = this.#reader.peek();
      if (next === undefined || next === ")") return source;
      if (this.#reader.take("|")) source += "|";
      else source += this.#repeated();
    }
  }

  #repeated(): string {
    const from = this.#reader.position;
    if (this.#repetition() !== undefined) {
      throw syntaxError("missing argument to repetition operator", this.#reader.text(from));
    }
    const atom = this.#atom();
    const start = this.#reader.position;
    const repetition = this.#repetition();
    if (atom === undefined) {
      if (repetition === undefined) return "";
      throw syntaxError("missing argument to repetition operator", this.#reader.text(start));
    }
    if (repetition === undefined) return atom;
    const isLazy = this.#reader.take("?") !== this.#flags.U;
    if (this.#repetition() !== undefined) {
      throw syntaxError("invalid nested repetition operator", this.#reader.text(start));
    }
    return `(?:${atom})${repetition}${isLazy ? "?" : ""}`;
  }

  #repetition(): string | undefined {
    const found = this.#reader.match(/^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/);
    if (!found) return undefined;
    const [whole, low = "0", comma, high] = found;
    const isReversed = comma !== undefined && high !== "" && Number(high) < Number(low);
    if (Number(low) > maxRepeat || Number(high ?? 0) > maxRepeat || isReversed) {
      throw syntaxError("invalid repeat count", whole);
    }
    return whole;
  }

  /** Undefined for flags, which are no atom. */
  #atom(): string | undefined {
    const character = this.#reader.next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#cased(bracketsSource(this.#reader));
      case ".":
        return this.#flags.s ? "[^]" : "[^\\n]";
      case "^":
        return this.#flags.m ? lineStart : textStart;
      case "$":
        return this.#flags.m ? lineEnd : textEnd;
      case "\\":
        return this.#escape();
      default:
        return this.#cased(literal(character.codePointAt(0) ?? 0));
    }
  }

  #escape(): string {
    if (this.#reader.take("A")) return textStart;
    if (this.#reader.take("z")) return textEnd;
    const boundary = this.#reader.match(/^[bB]/)?.[0];
    if (boundary !== undefined) return `\\${boundary}`;
    if (this.#reader.take("Q")) return this.#quoted();
    const set = escapedClass(this.#reader);
    return this.#cased(set === undefined ? literal(escapedCode(this.#reader)) : `[${set}]`);
  }

  /** Up to `\E` or the end. A repetition is of the last character. */
  #quoted(): string {
    const text = this.#reader.match(/^.*?(?=\\E|$)/s)?.[0] ?? "";
    this.#reader.take("\\E");
    const characters = Array.from(text, (one) => this.#cased(literal(one.codePointAt(0) ?? 0)));
    if (characters.length === 0) return "(?:)";
    const last = characters.pop() ?? "";
    const repetition = this.#repetition() ?? "";
    return `(?:${characters.join("")}(?:${last})${repetition})`;
  }

  #group(): string | undefined {
    const from = this.#reader.position - 1;
    const before = this.#flags;
    const start = this.#groupStart(from);
    if (start === undefined) return undefined;
    const inner = this.#alternatives();
    if (!this.#reader.take(")")) throw syntaxError("missing closing )", this.#reader.text(from));
    this.#flags = before;
    return `${start}${inner})`;
  }

  /** Undefined for flags of what follows: `(?i)`. */
  #groupStart(from: number): string | undefined {
    if (!this.#reader.take("?")) {
      this.#names.push("");
      return "(";
    }
    const name = this.#reader.match(/^P<(\w+)>/)?.[1];
    if (name !== undefined) {
      this.#names.push(name);
      return "(";
    }
    const flags = this.#reader.match(/^([imsU]*)(?:-([imsU]+))?([:)])/);
    const [, on = "", off = "", end] = flags ?? [];
    if (!flags || (end === ")" && on + off === "")) {
      throw syntaxError("invalid or unsupported Perl syntax", this.#reader.text(from));
    }
    const set = (names: string, value: boolean) =>
      Object.fromEntries([...names].map((one) => [one, value]));
    this.#flags = { ...this.#flags, ...set(on, true), ...set(off, false) };
    return end === ":" ? "(?:" : undefined;
  }

  #cased(source: string): string {
    return this.#flags.i ? `(?i:${source})` : source;
  }
}

const textStart = "^";
const textEnd = "$";
const lineStart = "(?<![^\\n])";
const lineEnd = "(?![^\\n])";
