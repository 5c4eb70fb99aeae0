import { HelperError } from "../../helpers/contract.ts";
import type { Assertion, Pattern, Repetition } from "./tree.ts";

/** What a search does next. `next` and the like are positions in the program. */
export type Instruction =
  | {
      readonly op: "character";
      readonly matches: (character: string) => boolean;
      readonly next: number;
    }
  | { readonly op: "assertion"; readonly assertion: Assertion; readonly next: number }
  /** Remembers the place: of the start of group n in slot 2n, of its end in 2n + 1. */
  | { readonly op: "save"; readonly slot: number; readonly next: number }
  /** Goes on at both, and prefers the first. */
  | { readonly op: "split"; readonly first: number; readonly second: number }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/** Far more than a regular expression needs that a person writes. */
const maxInstructions = 20_000;

export function compilePattern(pattern: Pattern): Program {
  const compiler = new PatternCompiler();
  const start = compiler.whole(pattern);
  return { instructions: compiler.instructions, start };
}

/** Compiles from the end to the start: each part is given the instruction that follows it. */
class PatternCompiler {
  readonly instructions: Instruction[] = [];

  whole(pattern: Pattern): number {
    const match = this.#add({ op: "match" });
    return this.#saved(0, pattern, match);
  }

  #add(instruction: Instruction): number {
    if (this.instructions.length >= maxInstructions) {
      throw new HelperError("a regular expression of this size is not supported");
    }
    return this.instructions.push(instruction) - 1;
  }

  #part(pattern: Pattern, next: number): number {
    switch (pattern.kind) {
      case "character":
        return this.#add({ op: "character", matches: matcher(pattern.source), next });
      case "assertion":
        return this.#add({ op: "assertion", assertion: pattern.assertion, next });
      case "group":
        return this.#saved(pattern.number, pattern.of, next);
      case "sequence":
        return pattern.of.reduceRight((after, one) => this.#part(one, after), next);
      case "choice":
        return pattern.of
          .map((one) => this.#part(one, next))
          .reduceRight((second, first) => this.#add({ op: "split", first, second }));
      default:
        return this.#repeated(pattern, next);
    }
  }

  #saved(group: number, pattern: Pattern, next: number): number {
    const end = this.#add({ op: "save", slot: 2 * group + 1, next });
    return this.#add({ op: "save", slot: 2 * group, next: this.#part(pattern, end) });
  }

  /** x{2,4} is xx(x(x)?)?, and x{2,} is xx+. */
  #repeated({ of, min, max, isLazy }: Repetition, next: number): number {
    if (max === Number.POSITIVE_INFINITY) {
      if (min === 0) return this.#any(of, isLazy, next);
      return this.#times(min - 1, of, this.#oneOrMore(of, isLazy, next));
    }
    let start = next;
    for (let more = min; more < max; more += 1) {
      start = this.#optional(this.#part(of, start), isLazy, next);
    }
    return this.#times(min, of, start);
  }

  #times(count: number, of: Pattern, next: number): number {
    let start = next;
    for (let copy = 0; copy < count; copy += 1) start = this.#part(of, start);
    return start;
  }

  /** As in Go, x* is (x+)? where x may match nothing: then the loop has another beginning. */
  #any(of: Pattern, isLazy: boolean, next: number): number {
    if (mayBeEmpty(of)) return this.#optional(this.#oneOrMore(of, isLazy, next), isLazy, next);
    const loop = this.#add({ op: "match" });
    this.instructions[loop] = split(this.#part(of, loop), isLazy, next);
    return loop;
  }

  #oneOrMore(of: Pattern, isLazy: boolean, next: number): number {
    const loop = this.#add({ op: "match" });
    const start = this.#part(of, loop);
    this.instructions[loop] = split(start, isLazy, next);
    return start;
  }

  #optional(start: number, isLazy: boolean, next: number): number {
    return this.#add(split(start, isLazy, next));
  }
}

function mayBeEmpty(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case "character":
      return false;
    case "assertion":
      return true;
    case "group":
      return mayBeEmpty(pattern.of);
    case "sequence":
      return pattern.of.every(mayBeEmpty);
    case "choice":
      return pattern.of.some(mayBeEmpty);
    default:
      return pattern.min === 0 || mayBeEmpty(pattern.of);
  }
}

function split(start: number, isLazy: boolean, next: number): Instruction {
  return { op: "split", first: isLazy ? next : start, second: isLazy ? start : next };
}

/** Whether a character matches, which is found out once for each. */
function matcher(source: string): (character: string) => boolean {
  const pattern = new RegExp(`^${source}$`, "u");
  const known = new Map<string, boolean>();
  return (character) => {
    let matches = known.get(character);
    if (matches === undefined) {
      matches = pattern.test(character);
      if (known.size < maxKnown) known.set(character, matches);
    }
    return matches;
  };
}

const maxKnown = 1000;
