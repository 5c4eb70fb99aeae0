/** Characters as ranges of code points, sorted, without overlaps. */
export type Ranges = readonly (readonly [number, number])[];

const lastCode = 0x10ffff;

/** The classes of Perl, which are those of ASCII in Go. */
export const perlClasses: Readonly<Record<string, Ranges>> = {
  d: ranges("09"),
  s: ranges("\t\n\f\r  "),
  w: ranges("09AZ__az"),
};

/** The classes that stand in brackets: `[[:alpha:]]`. */
export const posixClasses: Readonly<Record<string, Ranges>> = {
  ...{ alnum: ranges("09AZaz"), alpha: ranges("AZaz"), ascii: ranges("\0\x7f") },
  ...{ blank: ranges("\t\t  "), cntrl: ranges("\0\x1f\x7f\x7f"), digit: ranges("09") },
  ...{ graph: ranges("!~"), lower: ranges("az"), print: ranges(" ~"), punct: ranges("!/:@[`{~") },
  ...{ space: ranges("\t\r  "), upper: ranges("AZ"), word: ranges("09AZ__az") },
  xdigit: ranges("09AFaf"),
};

/** Every two characters are the ends of a range. */
function ranges(ends: string): Ranges {
  const pairs = ends.match(/../gs) ?? [];
  return pairs.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]);
}

export function complement(given: Ranges): Ranges {
  const others: (readonly [number, number])[] = [];
  let next = 0;
  for (const [from, to] of given) {
    if (from > next) others.push([next, from - 1]);
    next = to + 1;
  }
  return next <= lastCode ? [...others, [next, lastCode]] : others;
}

/** As it stands in the brackets of a regular expression. */
export function rangesSource(given: Ranges): string {
  return given.map(([from, to]) => `${codeSource(from)}-${codeSource(to)}`).join("");
}

export function codeSource(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
