import { HelperError } from "../../helpers/contract.ts";
import { translate } from "./translate.ts";

/** A match: its text and groups, and where it is. */
export type Match = RegExpExecArray;

/**
 * A regular expression of Go. It finds what Go finds; but it backtracks, so that `(a*)*b` can take very long, and a group in a
 * repetition forgets what it matched in an earlier round.
 */
export class GoRegExp {
  readonly #pattern: RegExp;
  readonly #names: readonly string[];

  /** Throws a HelperError. */
  constructor(text: string) {
    const { source, names } = translate(text);
    this.#names = names;
    try {
      this.#pattern = new RegExp(source, "gu");
    } catch {
      throw new HelperError(`the regular expression \`${text}\` is not supported`);
    }
  }

  /** The matches from left to right. As in Go, an empty one is none directly behind another. */
  *matches(text: string): Generator<Match> {
    let end = -1;
    for (const match of text.matchAll(this.#pattern)) {
      const matchEnd = match.index + match[0].length;
      // Between the halves of a character there is nothing to find; the engine looks there all the same.
      if (match[0] === "" && isWithinCharacter(text, match.index)) continue;
      if (match[0] !== "" || match.index !== end) yield match;
      end = matchEnd;
    }
  }

  first(text: string): Match | undefined {
    return this.matches(text).next().value ?? undefined;
  }

  replace(text: string, by: (match: Match) => string): string {
    let [result, at] = ["", 0];
    for (const match of this.matches(text)) {
      result += text.slice(at, match.index) + by(match);
      at = match.index + match[0].length;
    }
    return result + text.slice(at);
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
  #group(name: string, match: Match): string {
    const isNumber = /^\d+$/.test(name);
    const at = this.#names.findIndex((one, i) => one === name && match[i + 1] !== undefined);
    return match[isNumber ? Number(name) : at + 1 || match.length] ?? "";
  }
}

function isWithinCharacter(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
