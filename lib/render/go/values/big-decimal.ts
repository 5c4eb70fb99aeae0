import { HelperError } from "../../helpers/contract.ts";
import { shortest } from "./decimal.ts";

/** A decimal number without rounding: coefficient × 10^-scale. */
interface BigDecimal {
  readonly coefficient: bigint;
  readonly scale: number;
}

export type DecimalOperation = "add" | "subtract" | "multiply" | "divide";

/** Computes with the decimal digits that the numbers print with, so that 0.1 + 0.2 is 0.3. */
export function inDecimal(operation: DecimalOperation, numbers: readonly number[]): number {
  const [first = decimalOf(0), ...others] = numbers.map(decimalOf);
  return toNumber(others.reduce(operations[operation], first));
}

/** As many decimals as a quotient has. */
const divisionScale = 16;

const operations: Readonly<Record<DecimalOperation, (a: BigDecimal, b: BigDecimal) => BigDecimal>> =
  {
    add: (a, b) => aligned(a, b, (x, y) => x + y),
    subtract: (a, b) => aligned(a, b, (x, y) => x - y),
    multiply: (a, b) => ({ coefficient: a.coefficient * b.coefficient, scale: a.scale + b.scale }),
    divide,
  };

function divide(a: BigDecimal, b: BigDecimal): BigDecimal {
  if (b.coefficient === 0n) throw new HelperError("decimal division by 0");
  const shift = divisionScale + b.scale - a.scale;
  const [over, under] = [power(Math.max(0, shift)), power(Math.max(0, -shift))];
  const [dividend, divisor] = [a.coefficient * over, b.coefficient * under];
  const isNegative = dividend < 0n !== divisor < 0n;
  const [x, y] = [magnitude(dividend), magnitude(divisor)];
  const quotient = (2n * x + y) / (2n * y);
  return { coefficient: isNegative ? -quotient : quotient, scale: divisionScale };
}

function aligned(
  a: BigDecimal,
  b: BigDecimal,
  operation: (x: bigint, y: bigint) => bigint,
): BigDecimal {
  const scale = Math.max(a.scale, b.scale);
  const shifted = (one: BigDecimal) => one.coefficient * power(scale - one.scale);
  return { coefficient: operation(shifted(a), shifted(b)), scale };
}

function decimalOf(value: number): BigDecimal {
  if (!Number.isFinite(value)) throw new HelperError(`Cannot create a Decimal from ${value}`);
  const { digits, exponent } = shortest(Math.abs(value));
  const scale = digits.length - 1 - exponent;
  const unsigned = BigInt(digits) * power(Math.max(0, -scale));
  return { coefficient: value < 0 ? -unsigned : unsigned, scale: Math.max(0, scale) };
}

function toNumber({ coefficient, scale }: BigDecimal): number {
  return Number(`${coefficient}e${-scale}`);
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
