import { describe } from "./arguments.ts";
import { type Helper, HelperError, type Helpers, UnusableValue } from "./contract.ts";
import { pure } from "./define.ts";

/** Arithmetic on integers, and conversions from strings. */
export const numbers: Helpers = {
  add: arithmetic("add a b", "a + b", (a, b) => a + b),
  sub: arithmetic("sub a b", "a - b", (a, b) => a - b),
  mul: arithmetic("mul a b", "a × b", (a, b) => a * b),
  div: arithmetic("div a b", "a ÷ b, truncated towards 0", (a, b) =>
    Math.trunc(a / nonZero(b, "div")),
  ),
  mod: arithmetic(
    "mod a b",
    "the remainder of a ÷ b, with the sign of a",
    (a, b) => a % nonZero(b, "mod"),
  ),
  atoi: pure("atoi string", "the integer that a string of decimal digits stands for", (args) =>
    integerIn(args.string(0)),
  ),
  parseBool: pure(
    "parseBool string",
    "true for 1, t, T, true, True, TRUE; false for 0, f, F, false, False, FALSE; else an error",
    (args) => booleanIn(args.string(0)),
  ),
};

/** Unlike in Go, a result of 2^53 or more, which is not exact, is an error and does not wrap around. */
function arithmetic(usage: string, returns: string, of: (a: number, b: number) => number): Helper {
  return pure(usage, `${returns}, for integers`, (args) => {
    const [a, b] = [args.integer(0), args.integer(1)];
    const result = of(a, b);
    if (Number.isSafeInteger(result)) return result + 0; // + 0 turns -0 into 0
    throw new HelperError(`${usage.split(" ")[0]} ${a} ${b} is too large`);
  });
}

function nonZero(divisor: number, helper: string): number {
  if (divisor === 0) throw new HelperError(`${helper} cannot divide by 0`);
  return divisor;
}

/** Throws an UnusableValue for a text that is no integer, or one that a number cannot hold. */
export function integerIn(text: string): number {
  const number = /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number + 0;
  throw new UnusableValue(`atoi cannot read ${describe(text)} as an integer`);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "False", "FALSE"].map((word) => [word, false] as const),
]);

/** Throws an UnusableValue for a text that is no boolean. */
export function booleanIn(text: string): boolean {
  const found = booleans.get(text);
  if (found === undefined) throw new UnusableValue(`parseBool cannot read ${describe(text)}`);
  return found;
}
