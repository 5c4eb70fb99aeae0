import type { Layout } from "./layout.ts";
import { integerOf } from "./numbers.ts";
import { isNil, typeName } from "./types.ts";
import { formatted } from "./verbs.ts";

/** fmt.Sprintf. Mistakes in the format do not fail: they are texts such as `%!d(MISSING)`. */
export function sprintf(format: string, args: readonly unknown[]): string {
  return new Formatting(format, args).text();
}

const plainLayout: Layout = {
  ...{ plus: false, minus: false, sharp: false, space: false, zero: false },
  ...{ width: undefined, precision: undefined, named: false, notation: false },
};

/** The largest width and precision. */
const limit = 1_000_000;

class Formatting {
  readonly #format: readonly string[];
  readonly #args: readonly unknown[];
  #at = 0;
  #next = 0;
  #text = "";
  /** The format has `%[n]`: then no argument is surplus. */
  #isReordered = false;
  /** The `%[n]` of the current verb are numbers of arguments. */
  #isIndexGood = true;
  #isAfterIndex = false;

  constructor(format: string, args: readonly unknown[]) {
    this.#format = [...format];
    this.#args = args;
  }

  text(): string {
    while (this.#at < this.#format.length) {
      const character = this.#format[this.#at];
      this.#at += 1;
      if (character === "%") this.#verb();
      else this.#text += character;
    }
    if (!this.#isReordered && this.#next < this.#args.length) this.#text += this.#extra();
    return this.#text;
  }

  #verb(): void {
    this.#isIndexGood = true;
    this.#isAfterIndex = false;
    const layout = this.#layout();
    const verb = this.#format[this.#at];
    if (verb === undefined) {
      this.#text += "%!(NOVERB)";
      return;
    }
    this.#at += 1;
    if (verb === "%") this.#text += "%";
    else if (!this.#isIndexGood) this.#text += `%!${verb}(BADINDEX)`;
    else if (this.#next >= this.#args.length) this.#text += `%!${verb}(MISSING)`;
    else {
      this.#text += formatted(this.#args[this.#next], verb, forVerb(layout, verb));
      this.#next += 1;
    }
  }

  #layout(): Layout {
    let layout = this.#flags();
    this.#index();
    layout = this.#width(layout);
    layout = this.#precision(layout);
    if (!this.#isAfterIndex) this.#index();
    return layout;
  }

  #flags(): Layout {
    const seen = { plus: false, minus: false, sharp: false, space: false, zero: false };
    for (;;) {
      const flag = this.#format[this.#at];
      if (flag === "+") seen.plus = true;
      else if (flag === "#") seen.sharp = true;
      else if (flag === " ") seen.space = true;
      else if (flag === "0") seen.zero = !seen.minus;
      else if (flag === "-") Object.assign(seen, { minus: true, zero: false });
      else return { ...plainLayout, ...seen };
      this.#at += 1;
    }
  }

  #width(layout: Layout): Layout {
    if (this.#format[this.#at] === "*") {
      this.#at += 1;
      const width = this.#argument();
      this.#isAfterIndex = false;
      if (width === undefined) this.#text += "%!(BADWIDTH)";
      if (width === undefined || width >= 0) return { ...layout, width };
      return { ...layout, width: -width, minus: true, zero: false };
    }
    const width = this.#number();
    if (this.#isAfterIndex && width !== undefined) this.#isIndexGood = false;
    return { ...layout, width };
  }

  #precision(layout: Layout): Layout {
    if (this.#format[this.#at] !== ".") return layout;
    this.#at += 1;
    if (this.#isAfterIndex) this.#isIndexGood = false;
    this.#index();
    if (this.#format[this.#at] !== "*") return { ...layout, precision: this.#number() ?? 0 };
    this.#at += 1;
    const precision = this.#argument();
    this.#isAfterIndex = false;
    if (precision !== undefined && precision >= 0) return { ...layout, precision };
    this.#text += "%!(BADPREC)";
    return layout;
  }

  /** `[n]` makes the nth argument the next one. */
  #index(): void {
    this.#isAfterIndex = false;
    if (this.#format[this.#at] !== "[") return;
    this.#isReordered = true;
    const end = this.#format.indexOf("]", this.#at);
    const text = end === -1 ? "" : this.#format.slice(this.#at + 1, end).join("");
    this.#at = end === -1 ? this.#at + 1 : end + 1;
    const index = /^\d+$/.test(text) ? Number(text) - 1 : Number.NaN;
    const isNumber = index < limit;
    if (isNumber && index >= 0 && index < this.#args.length) this.#next = index;
    else this.#isIndexGood = false;
    this.#isAfterIndex = isNumber;
  }

  #number(): number | undefined {
    const start = this.#at;
    while (/^\d$/.test(this.#format[this.#at] ?? "")) this.#at += 1;
    if (start === this.#at) return undefined;
    const number = Number(this.#format.slice(start, this.#at).join(""));
    return number > limit ? undefined : number;
  }

  /** The next argument, for a `*`. */
  #argument(): number | undefined {
    if (this.#next >= this.#args.length) return undefined;
    const value = integerOf(this.#args[this.#next]);
    this.#next += 1;
    return value !== undefined && Math.abs(value) <= limit ? value : undefined;
  }

  #extra(): string {
    const surplus = this.#args.slice(this.#next).map((value) => {
      if (isNil(value)) return "<nil>";
      return `${typeName(value)}=${formatted(value, "v", plainLayout)}`;
    });
    return `%!(EXTRA ${surplus.join(", ")})`;
  }
}

/** `%+v` and `%#v` are verbs of their own. */
function forVerb(layout: Layout, verb: string): Layout {
  if (verb !== "v") return layout;
  return { ...layout, named: layout.plus, plus: false, notation: layout.sharp, sharp: false };
}
