import { HelperError } from "../../helpers/contract.ts";
import type { Kind } from "../signature.ts";
import { Float, Integer } from "./numbers.ts";

/**
 * A constant number of a template: `1`, `-0x1F`, `1_000`, `1e3`, `2.5`. It has no type of its own: it becomes what the parameter
 * takes that it is an argument of. Throws a HelperError for a text that is none, and for one that this cannot hold.
 */
export function constant(text: string, kind: Kind = "any"): unknown {
  const value = numberOf(text);
  const isFloat = !/^[+-]?0[xX][^pP.]*$/.test(text) && /[.eEpP]/.test(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && (!isFloat || kind === "int")) {
    throw new HelperError(`${text} is 2^53 or more, which is not supported`);
  }
  switch (kind) {
    case "any":
      return isFloat ? new Float(value) : value;
    case "float64":
      return new Float(value);
    case "int":
    case "int64":
      if (!Number.isInteger(value)) throw new HelperError(`expected integer; found ${text}`);
      return kind === "int" ? value + 0 : new Integer("int64", value + 0);
    default:
      throw new HelperError(`expected ${kind}; found ${text}`);
  }
}

function numberOf(text: string): number {
  const isNegative = text.startsWith("-");
  const digits = text.replace(/^[+-]/, "").replace(/(?<=[0-9a-fA-FxXoObB])_(?=[0-9a-fA-F])/g, "");
  const value = magnitude(digits);
  if (Number.isNaN(value)) throw new HelperError(`bad number syntax: ${JSON.stringify(text)}`);
  return isNegative ? -value : value;
}

function magnitude(digits: string): number {
  const power = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(digits);
  if (power) {
    const [, whole = "", fraction = "", exponent] = power;
    if (whole + fraction === "") return Number.NaN;
    return Number(`0x${whole}${fraction}`) * 2 ** (Number(exponent) - 4 * fraction.length);
  }
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  if (/^0[0-9]+$/.test(digits)) return Number.NaN;
  return /^(?:0[xXoObB][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/.test(digits)
    ? Number(digits)
    : Number.NaN;
}
