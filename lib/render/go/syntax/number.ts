import type { NumberLiteral } from "./tree.ts";

/** The value of a number of a template, or the reason why there is none. */
export type NumberReading = NumberLiteral | { readonly problem: string };

/** Reads a number by the rules of Go: `017` is 15, `1e3` is a float64 and `0x10` an int. */
export function readNumber(text: string): NumberReading {
  if (text.endsWith("i")) return { problem: `${text}: complex numbers are not supported` };
  const integer = integerOf(text);
  if (integer !== undefined) return { int: integer };
  const float = floatOf(text);
  if (float === undefined) {
    const isInteger = /^[+-]?(?:\d[\d_]*|0[xXoObB][\da-fA-F_]+)$/.test(text);
    return { problem: isInteger ? `${text} overflows int` : `${text} is not a number` };
  }
  return Number.isFinite(float) ? { float } : { problem: `${text} overflows float64` };
}

const integers: readonly (readonly [RegExp, string])[] = [
  [/^(?:0|[1-9](?:_?\d)*)$/, ""],
  [/^0[xX](?:_?[\da-fA-F])+$/, "0x"],
  [/^0[bB](?:_?[01])+$/, "0b"],
  [/^0[oO](?:_?[0-7])+$/, "0o"],
  [/^0(?:_?[0-7])+$/, "0o"],
];

/** Undefined for a number that is no integer, or one that a double does not hold exactly. */
function integerOf(text: string): number | undefined {
  const digits = text.replace(/^[+-]/, "");
  const found = integers.find(([pattern]) => pattern.test(digits));
  if (!found) return undefined;
  const plain = digits.replaceAll("_", "").replace(/^0[xXbBoO]?(?=.)/, "");
  const value = Number(found[1] + plain);
  if (!Number.isSafeInteger(value)) return undefined;
  return text.startsWith("-") ? 0 - value : value;
}

const decimal = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const hexadecimal =
  /^([+-]?)0[xX]((?:_?[\da-fA-F])*)\.?((?:[\da-fA-F](?:_?[\da-fA-F])*)?)[pP]([+-]?\d+)$/;

function floatOf(text: string): number | undefined {
  if (/[.eE]/.test(text) && decimal.test(text)) return Number(text.replaceAll("_", ""));
  const parts = hexadecimal.exec(text.replaceAll("_", ""));
  if (!parts) return undefined;
  const [, sign, whole = "", fraction = "", power] = parts;
  if (whole + fraction === "") return undefined;
  const mantissa = Number.parseInt(whole + fraction, 16) * 2 ** (-4 * fraction.length);
  return (sign === "-" ? -1 : 1) * mantissa * 2 ** Number(power);
}
