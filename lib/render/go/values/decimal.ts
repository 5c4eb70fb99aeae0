/** A positive number in decimal: its digits, and the power of ten of the first one. 1250 is `125` (or `1250`) and 3. */
export interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** The fewest digits that no other float64 has. */
export function shortest(value: number): Decimal {
  const [mantissa = "0", exponent] = value.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), exponent: Number(exponent) };
}

/**
 * The value rounded to a number of digits, or of decimals; half-way to the even digit, as in Go. JavaScript rounds half-way up.
 * With decimals, the digits may be `0`, or fewer than asked for.
 */
export function roundedTo(
  value: number,
  to: { readonly digits: number } | { readonly decimals: number },
): Decimal {
  const whole = exactly(value);
  const kept = "digits" in to ? to.digits : whole.exponent + 1 + to.decimals;
  if (kept >= whole.digits.length) return whole;
  if (kept < 0) return { digits: "0", exponent: 0 };
  const digits = whole.digits.slice(0, kept);
  if (!roundsUp(whole.digits, kept))
    return digits === "" ? { digits: "0", exponent: 0 } : { ...whole, digits };
  const next = String(BigInt(digits || "0") + 1n).padStart(kept, "0");
  const carried = next.length > kept;
  const exponent = carried ? whole.exponent + 1 : whole.exponent;
  return { digits: carried && "digits" in to ? next.slice(0, kept) : next, exponent };
}

function roundsUp(digits: string, kept: number): boolean {
  const rest = digits.slice(kept);
  if (rest[0] !== "5" || /[1-9]/.test(rest.slice(1))) return (rest[0] ?? "0") >= "5";
  return Number(digits[kept - 1] ?? "0") % 2 === 1;
}

/** All digits of a float64, which are finitely many. */
function exactly(value: number): Decimal {
  if (value === 0) return { digits: "0", exponent: 0 };
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const power = Math.max(biased, 1) - 1075;
  const scaled = power >= 0 ? mantissa << BigInt(power) : mantissa * 5n ** BigInt(-power);
  const digits = String(scaled);
  const exponent = digits.length - 1 + Math.min(power, 0);
  return { digits: digits.replace(/0+$/, ""), exponent };
}
