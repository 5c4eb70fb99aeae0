import { bracketsSource } from "./brackets.ts";
import { escapedClass, escapedCode, literal } from "./escapes.ts";
import { PatternReader } from "./reader.ts";
import { syntaxError } from "./syntax-error.ts";
import type { Assertion, Pattern, Repetition } from "./tree.ts";

export interface ParsedPattern {
  readonly pattern: Pattern;
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

/** Parses a regular expression of Go. Throws a HelperError for what Go refuses: `(?=…)` and `\1` among others. */
export function parsePattern(text: string): ParsedPattern {
  return new PatternParser(text).parsed();
}

/** The most that a repetition may count to. */
const maxRepeat = 1000;

class PatternParser {
  readonly #reader: PatternReader;
  readonly #names: string[] = [];
  #flags: Flags = { i: false, m: false, s: false, U: false };

  constructor(text: string) {
    this.#reader = new PatternReader(text);
  }

  parsed(): ParsedPattern {
    const pattern = this.#alternatives();
    if (this.#reader.peek() === ")") throw syntaxError("unexpected )", this.#reader.text());
    return { pattern, names: this.#names };
  }

  /** Up to the end, or the `)` of the group. Flags that are set within hold until there. */
  #alternatives(): Pattern {
    const choices: Pattern[][] = [[]];
    for (;;) {
      const next = this.#reader.peek();
      if (next === undefined || next === ")") break;
      if (this.#reader.take("|")) choices.push([]);
      else choices.at(-1)?.push(...this.#repeated());
    }
    const [first = [], ...others] = choices.map((of): Pattern => ({ kind: "sequence", of }));
    return others.length === 0
      ? (first as Pattern)
      : { kind: "choice", of: [first as Pattern, ...others] };
  }

  /** An atom with its repetition; nothing for flags; several for a quoted text. */
  #repeated(): readonly Pattern[] {
    const from = this.#reader.position;
    if (this.#quantifier() !== undefined) {
      throw syntaxError("missing argument to repetition operator", this.#reader.text(from));
    }
    const atoms = this.#atoms();
    const start = this.#reader.position;
    const quantifier = this.#quantifier();
    if (!quantifier) return atoms;
    const of = atoms.at(-1);
    if (!of) throw syntaxError("missing argument to repetition operator", this.#reader.text(start));
    const isLazy = this.#reader.take("?") !== this.#flags.U;
    if (this.#quantifier() !== undefined) {
      throw syntaxError("invalid nested repetition operator", this.#reader.text(start));
    }
    return [...atoms.slice(0, -1), { kind: "repetition", of, isLazy, ...quantifier }];
  }

  #quantifier(): Pick<Repetition, "min" | "max"> | undefined {
    const found = this.#reader.match(/^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})/);
    if (!found) return undefined;
    const [whole, sign, low = "0", comma, high = ""] = found;
    if (sign)
      return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
    const min = Number(low);
    const isOpen = comma !== undefined && high === "";
    const max = comma === undefined ? min : Number(high);
    if (min > maxRepeat || (!isOpen && (max > maxRepeat || max < min))) {
      throw syntaxError("invalid repeat count", whole);
    }
    return { min, max: isOpen ? Number.POSITIVE_INFINITY : max };
  }

  #atoms(): readonly Pattern[] {
    const character = this.#reader.next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return [this.#character(bracketsSource(this.#reader))];
      case ".":
        return [{ kind: "character", source: this.#flags.s ? "[^]" : "[^\\n]" }];
      case "^":
        return [asserted(this.#flags.m ? "lineStart" : "textStart")];
      case "$":
        return [asserted(this.#flags.m ? "lineEnd" : "textEnd")];
      case "\\":
        return this.#escape();
      default:
        return [this.#literal(character)];
    }
  }

  #escape(): readonly Pattern[] {
    if (this.#reader.take("A")) return [asserted("textStart")];
    if (this.#reader.take("z")) return [asserted("textEnd")];
    if (this.#reader.take("b")) return [asserted("boundary")];
    if (this.#reader.take("B")) return [asserted("noBoundary")];
    if (this.#reader.take("Q")) return this.#quoted();
    const set = escapedClass(this.#reader);
    const source = set === undefined ? literal(escapedCode(this.#reader)) : `[${set}]`;
    return [this.#character(source)];
  }

  /** Up to `\E` or the end. */
  #quoted(): readonly Pattern[] {
    const text = this.#reader.match(/^.*?(?=\\E|$)/s)?.[0] ?? "";
    this.#reader.take("\\E");
    return Array.from(text, (character) => this.#literal(character));
  }

  #literal(character: string): Pattern {
    return this.#character(literal(character.codePointAt(0) ?? 0));
  }

  #character(source: string): Pattern {
    return { kind: "character", source: this.#flags.i ? `(?i:${source})` : source };
  }

  #group(): readonly Pattern[] {
    const from = this.#reader.position - 1;
    const before = this.#flags;
    const number = this.#groupStart(from);
    if (number === undefined) return [];
    const inner = this.#alternatives();
    if (!this.#reader.take(")")) throw syntaxError("missing closing )", this.#reader.text(from));
    this.#flags = before;
    return [number === 0 ? inner : { kind: "group", number, of: inner }];
  }

  /** The number of the group, 0 for none; undefined for flags of what follows: `(?i)`. */
  #groupStart(from: number): number | undefined {
    if (!this.#reader.take("?")) return this.#names.push("");
    const name = this.#reader.match(/^P<(\w+)>/)?.[1];
    if (name !== undefined) return this.#names.push(name);
    const flags = this.#reader.match(/^([imsU]*)(?:-([imsU]+))?([:)])/);
    const [, on = "", off = "", end] = flags ?? [];
    if (!flags || (end === ")" && on + off === "")) {
      throw syntaxError("invalid or unsupported Perl syntax", this.#reader.text(from));
    }
    const set = (names: string, value: boolean) =>
      Object.fromEntries([...names].map((one) => [one, value]));
    this.#flags = { ...this.#flags, ...set(on, true), ...set(off, false) };
    return end === ":" ? 0 : undefined;
  }
}

function asserted(assertion: Assertion): Pattern {
  return { kind: "assertion", assertion };
}
