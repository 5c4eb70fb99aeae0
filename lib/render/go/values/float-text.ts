import { type Decimal, roundedTo, shortest } from "./decimal.ts";

export type FloatVerb = "e" | "E" | "f" | "F" | "g" | "G";

/** A float64 as Go prints it with `%v`: its shortest digits, with an exponent below 0.0001 and from a million on. */
export function floatText(value: number): string {
  return formatFloat(value, "g", undefined);
}

/** Go's strconv.FormatFloat: without a precision, as many digits as tell the value from every other. */
export function formatFloat(value: number, verb: FloatVerb, precision: number | undefined): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const text = unsigned(Math.abs(value), verb.toLowerCase(), precision);
  return sign + (verb === "E" || verb === "G" ? text.toUpperCase() : text);
}

function unsigned(value: number, verb: string, precision: number | undefined): string {
  const exactly = precision === undefined ? shortest(value) : undefined;
  if (verb === "e") {
    const decimal = exactly ?? roundedTo(value, { digits: (precision ?? 0) + 1 });
    return scientific(decimal, precision ?? decimal.digits.length - 1);
  }
  if (verb === "f") {
    const decimal = exactly ?? roundedTo(value, { decimals: precision ?? 0 });
    return plain(decimal, precision ?? Math.max(0, decimal.digits.length - decimal.exponent - 1));
  }
  return general(exactly ?? roundedTo(value, { digits: precision || 1 }), precision);
}

/** `%e` or `%f`, by the exponent; zeros at the end are not printed. */
function general(decimal: Decimal, precision: number | undefined): string {
  const digits = decimal.digits.replace(/0+$/, "") || "0";
  const { exponent } = decimal;
  const given = precision === undefined ? 6 : precision || 1;
  const isWhole = digits.length > exponent;
  const limit = precision !== undefined && given > digits.length && isWhole ? digits.length : given;
  const shown = { digits, exponent };
  if (exponent < -4 || exponent >= limit) {
    return scientific(shown, digits.length - 1);
  }
  return plain(shown, Math.max(0, digits.length - exponent - 1));
}

function scientific({ digits, exponent }: Decimal, decimals: number): string {
  const point = decimals > 0 ? `.${digits.slice(1).padEnd(decimals, "0")}` : "";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0]}${point}e${exponent < 0 ? "-" : "+"}${power}`;
}

function plain({ digits, exponent }: Decimal, decimals: number): string {
  const whole = exponent < 0 ? "0" : digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  if (decimals === 0) return whole;
  const zeros = "0".repeat(Math.max(0, -exponent - 1));
  const rest = (zeros + digits.slice(Math.max(0, exponent + 1))).slice(0, decimals);
  return `${whole}.${rest.padEnd(decimals, "0")}`;
}
