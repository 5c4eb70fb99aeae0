import { HelperError } from "../../helpers/contract.ts";
import { floatText } from "./float-text.ts";

/**
 * A float64 of Go: a number in JSON, or a constant with a point or an exponent. A number of JavaScript is an int of Go, which
 * lengths, positions and ports are.
 */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** As `%v` prints it. */
  toString(): string {
    return floatText(this.value);
  }
}

export type IntegerType = "int64" | "int32" | "uint8" | "uint16" | "uint32" | "uint64";

/** An integer of another type than int: sprig computes with int64, and a byte of a string is a uint8. */
export class Integer {
  readonly type: IntegerType;
  readonly value: number;

  constructor(type: IntegerType, value: number) {
    this.type = type;
    this.value = value;
  }

  toString(): string {
    return String(this.value);
  }
}

/** The value of any integer, else undefined. */
export function integerOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return value instanceof Integer ? value.value : undefined;
}

/** Whether an integer is of a type without a sign. */
export function isUnsigned(value: unknown): boolean {
  return value instanceof Integer && value.type.startsWith("u");
}

/**
 * An integer that is the result of a computation. Go computes with 64 bits and wraps around; a number of JavaScript is exact
 * up to 2^53. Throws a HelperError beyond that.
 */
export function exact(value: number): number {
  if (Number.isSafeInteger(value)) return value + 0; // + 0 turns -0 into 0
  throw new HelperError(`${value} is 2^53 or more, which is not supported`);
}

export function int64(value: number): Integer {
  return new Integer("int64", exact(value));
}
