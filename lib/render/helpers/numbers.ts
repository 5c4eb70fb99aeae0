import { type Helper, HelperError, type Helpers } from "./contract.ts";
import { pure } from "./define.ts";
import { type Given, shown } from "./given.ts";

/** Whole numbers, and what is read from text. */
export const numbers: Helpers = {
  add: arithmetic("add a b", "a + b", (a, b) => a + b),
  sub: arithmetic("sub a b", "a - b", (a, b) => a - b),
  mul: arithmetic("mul a b", "a × b", (a, b) => a * b),
  div: arithmetic("div a b", "a ÷ b, cut off at the decimal point", (a, b) =>
    Math.trunc(a / nonZero(b, "div")),
  ),
  mod: arithmetic(
    "mod a b",
    "what is left of a after div; it has the sign of a",
    (a, b) => a % nonZero(b, "mod"),
  ),
  atoi: pure("atoi text", "the whole number that is written in decimal digits", atoi),
  parseBool: pure(
    "parseBool text",
    "true for 1, t, T, true, True, TRUE; false for 0, f, F, false, False, FALSE; else an error",
    parseBool,
  ),
};

/** Unlike in Go, a result too large to be exact (2^53 and above) is an error: it does not wrap around. */
function arithmetic(usage: string, gives: string, of: (a: number, b: number) => number): Helper {
  return pure(usage, `${gives}, for whole numbers`, (given) => {
    const [a, b] = [given.whole(0), given.whole(1)];
    const result = of(a, b);
    if (Number.isSafeInteger(result)) return result + 0; // + 0 makes a 0 of -0
    throw new HelperError(`${usage.split(" ")[0]} ${a} ${b} is too large`);
  });
}

function nonZero(divisor: number, helper: string): number {
  if (divisor === 0) throw new HelperError(`${helper} cannot divide by 0`);
  return divisor;
}

function atoi(given: Given): number {
  const text = given.text(0);
  const number = /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number + 0;
  throw new HelperError(`atoi cannot read ${shown(text)} as a whole number`);
}

const words: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "False", "FALSE"].map((word) => [word, false] as const),
]);

function parseBool(given: Given): boolean {
  const text = given.text(0);
  const found = words.get(text);
  if (found === undefined) throw new HelperError(`parseBool cannot read ${shown(text)}`);
  return found;
}
