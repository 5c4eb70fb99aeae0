import { parsePattern } from "./parse-pattern.ts";
import { compilePattern, type Program } from "./program.ts";
import { type Places, search } from "./search.ts";

/** A match: its text and those of its groups, and where it is, in characters. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** By number, from 0 for the whole; undefined for a group that matched nothing. */
  readonly texts: readonly (string | undefined)[];
}

/** A regular expression of Go: it finds what Go finds, in a time that grows with the length of the text alone. */
export class GoRegExp {
  readonly #program: Program;
  readonly #names: readonly string[];

  /** Throws a HelperError. */
  private constructor(text: string) {
    const { pattern, names } = parsePattern(text);
    this.#names = names;
    this.#program = compilePattern(pattern);
  }

  /** Throws a HelperError for what is no regular expression of Go. */
  static of(text: string): GoRegExp {
    const known = compiled.get(text);
    if (known) return known;
    const fresh = new GoRegExp(text);
    if (compiled.size >= maxCompiled) compiled.clear();
    compiled.set(text, fresh);
    return fresh;
  }

  /** The matches from left to right. As in Go, an empty one is none directly behind another. */
  *matches(text: string): Generator<Match> {
    const characters = [...text];
    let [from, end] = [0, -1];
    while (from <= characters.length) {
      const places = search(this.#program, characters, from);
      if (!places) return;
      const match = matchOf(places, characters, this.#names.length);
      const isEmpty = match.start === match.end;
      if (!isEmpty || match.start !== end) yield match;
      end = match.end;
      from = match.end === from ? from + 1 : match.end;
    }
  }

  first(text: string): Match | undefined {
    return this.matches(text).next().value ?? undefined;
  }

  replace(text: string, by: (match: Match) => string): string {
    const characters = [...text];
    let [result, at] = ["", 0];
    for (const match of this.matches(text)) {
      result += characters.slice(at, match.start).join("") + by(match);
      at = match.end;
    }
    return result + characters.slice(at).join("");
  }

  /** A replacement, with the texts of groups for `$1`, `$name`, and both in braces. */
  expand(template: string, match: Match): string {
    const reference = /\$(?:\$|(\w+)|\{(\w+)\})/g;
    return template.replace(reference, (_, bare?: string, braced?: string) => {
      const name = bare ?? braced;
      return name === undefined ? "$" : this.#group(name, match);
    });
  }

  /** Of several groups with a name, the first one that matched. */
  #group(name: string, { texts }: Match): string {
    if (/^\d+$/.test(name)) return texts[Number(name)] ?? "";
    const at = this.#names.findIndex((one, i) => one === name && texts[i + 1] !== undefined);
    return at === -1 ? "" : (texts[at + 1] ?? "");
  }
}

/** The cache is bounded: a template may build expressions from values. */
const compiled = new Map<string, GoRegExp>();
const maxCompiled = 1000;

function matchOf(places: Places, characters: readonly string[], groups: number): Match {
  const texts = Array.from({ length: groups + 1 }, (_, group) => {
    const [from, to] = [places[2 * group], places[2 * group + 1]];
    return from === undefined || to === undefined ? undefined : characters.slice(from, to).join("");
  });
  return { start: places[0] ?? 0, end: places[1] ?? 0, texts };
}
