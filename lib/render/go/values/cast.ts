import { exact, Float, integerOf } from "./numbers.ts";
import { display } from "./print.ts";
import { isList, isMap, isNil, typeName } from "./types.ts";

/** The text of a value, as sprig's functions see it. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : display(value);
}

/** The texts of the items of a list, without nil; of any other value, its own. */
export function textsOf(value: unknown): readonly string[] {
  if (isNil(value)) return [];
  if (!isList(value)) return [textOf(value)];
  return value.filter((item) => !isNil(item)).map(textOf);
}

/** A value as an integer, as sprig reads it: 0 for what is none. Throws a HelperError from 2^53 on. */
export function toInteger(value: unknown): number {
  const integer = integerOf(value);
  if (integer !== undefined) return integer;
  if (value instanceof Float) return exact(Math.trunc(value.value));
  if (typeof value === "string") return integerText(value.replace(/\.0+$/, ""), 0) ?? 0;
  return value === true ? 1 : 0;
}

/** A value as a float64: 0 for what is none. */
export function toFloat(value: unknown): number {
  const integer = integerOf(value);
  if (integer !== undefined) return integer;
  if (value instanceof Float) return value.value;
  if (typeof value === "string") return floatIn(value) ?? 0;
  return value === true ? 1 : 0;
}

const prefixes: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 };

/** Go's strconv.ParseInt; base 0 is the one of the prefix. Undefined for a text that is no integer of 64 bits. */
export function integerText(text: string, base: number): number | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  let [digits, radix] = [rest, base];
  if (base === 0) {
    const prefixed = /^0([xXoObB])(_?.*)$/s.exec(rest);
    if (/_/.test(rest) && !/^(?:0[xXoObB]_?)?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*$/.test(rest)) return;
    if (prefixed)
      [digits, radix] = [prefixed[2] ?? "", prefixes[prefixed[1]?.toLowerCase() ?? ""] ?? 10];
    else [digits, radix] = /^0./s.test(rest) ? [rest.slice(1), 8] : [rest, 10];
    digits = digits.replaceAll("_", "");
  }
  return inBase(digits, radix, sign === "-");
}

function inBase(digits: string, radix: number, isNegative: boolean): number | undefined {
  if (digits === "") return undefined;
  let value = 0n;
  for (const digit of digits) {
    const number = /^[0-9a-zA-Z]$/.test(digit) ? Number.parseInt(digit, 36) : 36;
    if (number >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(number);
  }
  const limit = isNegative ? 2n ** 63n : 2n ** 63n - 1n;
  if (value > limit) return undefined;
  return exact(Number(isNegative ? -value : value));
}

/** Go's strconv.ParseFloat, without hexadecimal. Undefined for a text that is no float64. */
export function floatIn(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special) {
    if (special[2]?.toLowerCase() === "nan") return special[1] === "" ? Number.NaN : undefined;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const digits = text.replace(/(?<=\d)_(?=\d)/g, "");
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}

/** Whether two values are alike in type and content, as reflect.DeepEqual finds it. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (typeName(a) !== typeName(b)) return false;
  if (isNil(a) || typeof a !== "object") return isNil(a) || a === b;
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, at) => deepEqual(item, b[at]));
  }
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a);
    const isSame = (key: string) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]);
    return keys.length === Object.keys(b).length && keys.every(isSame);
  }
  if (a instanceof Float && b instanceof Float) return a.value === b.value;
  return display(a) === display(b);
}
