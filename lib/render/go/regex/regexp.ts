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

  /** A replacement with the texts of groups for `$1`, `${1}` and `${name}`. */
  expand(template: string, match: Match): string {
    return template.replace(
      /\$(?:\$|(\w+)|\{(\w+)\})/g,
      (whole, bare?: string, braced?: string) => {
        const name = bare ?? braced;
        if (name === undefined) return whole === "$$" ? "$" : whole;
        const number = /^\d+$/.test(name) ? Number(name) : this.#names.indexOf(name) + 1;
        const isGroup = /^\d+$/.test(name) || number > 0;
        return (isGroup ? match[number] : undefined) ?? "";
      },
    );
  }
}
