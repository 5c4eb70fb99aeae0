import { bytesOf } from "./bytes.ts";
import { type FloatVerb, formatFloat } from "./float-text.ts";
import { canBackquote, characterOf, isPrintable, quote, quoteCharacter } from "./quote.ts";

/** What stands between `%` and the verb. */
export interface Layout {
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** In characters. */
  readonly width: number | undefined;
  readonly precision: number | undefined;
  /** `%+v` and `%#v`: fields with names, and the notation of Go. */
  readonly named: boolean;
  readonly notation: boolean;
}

/** Fills up to the width, on the left with zeros if the layout has them. */
export function padded(text: string, layout: Layout, zero = layout.zero): string {
  const missing = (layout.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  return layout.minus ? text + " ".repeat(missing) : (zero ? "0" : " ").repeat(missing) + text;
}

/** `%s` */
export function stringText(text: string, layout: Layout): string {
  return padded(truncated(text, layout), layout);
}

/** `%q` of a string */
export function quotedText(text: string, layout: Layout): string {
  const whole = truncated(text, layout);
  const raw = layout.sharp && canBackquote(whole);
  return padded(raw ? `\`${whole}\`` : quote(whole, layout.plus), layout);
}

/** `%x` and `%X` of a string: its bytes. */
export function hexText(text: string, upper: boolean, layout: Layout): string {
  const bytes = bytesOf(text).subarray(0, layout.precision);
  const prefix = upper ? "0X" : "0x";
  const codes = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const digits = upper ? codes.map((code) => code.toUpperCase()) : codes;
  const lead = layout.sharp && digits.length > 0 ? prefix : "";
  const whole = layout.space ? digits.join(` ${lead}`) : digits.join("");
  return padded(lead + whole, layout);
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, x: 16, X: 16 };

/** `%d %b %o %O %x %X` */
export function integerText(value: number, verb: string, layout: Layout): string {
  const { precision, width, zero } = layout;
  if (precision === 0 && value === 0) return " ".repeat(width ?? 0);
  const base = bases[verb] ?? 10;
  const sign = value < 0 ? "-" : positive(layout);
  const least = precision ?? (zero && width !== undefined ? width - sign.length : 0);
  const digits = Math.abs(value).toString(base).padStart(least, "0");
  const shown = verb === "X" ? digits.toUpperCase() : digits;
  return padded(sign + prefixOf(verb, digits, layout) + shown, layout, false);
}

function prefixOf(verb: string, digits: string, { sharp }: Layout): string {
  if (verb === "O") return sharp && !digits.startsWith("0") ? "0o0" : "0o";
  if (!sharp) return "";
  if (verb === "o") return digits.startsWith("0") ? "" : "0";
  return verb === "d" ? "" : `0${verb}`;
}

function positive({ plus, space }: Layout): string {
  if (plus) return "+";
  return space ? " " : "";
}

/** `%c` */
export function characterText(code: number, layout: Layout): string {
  return padded(characterOf(code), layout);
}

/** `%q` of an integer */
export function quotedCharacterText(code: number, layout: Layout): string {
  return padded(quoteCharacter(code, layout.plus), layout);
}

/** `%U` */
export function codePointText(code: number, layout: Layout): string {
  const bits = BigInt.asUintN(64, BigInt(code)).toString(16).toUpperCase();
  const digits = bits.padStart(Math.max(4, layout.precision ?? 0), "0");
  const character = characterOf(code);
  const isShown = layout.sharp && code >= 0 && code <= 0x10ffff && isPrintable(character);
  return padded(`U+${digits}${isShown ? ` '${character}'` : ""}`, layout, false);
}

/** `%e %f %g` and their likes, with this many digits unless the layout has a precision. */
export function floatLayout(
  value: number,
  verb: FloatVerb,
  digits: number | undefined,
  layout: Layout,
): string {
  const precision = layout.precision ?? digits;
  const bare = formatFloat(Math.abs(value), verb, precision).replace("+Inf", "Inf");
  const isNegative = value < 0 || Object.is(value, -0);
  if (!Number.isFinite(value)) {
    const sign = Number.isNaN(value) || !isNegative ? signOfSpecial(value, layout) : "-";
    return padded(sign + bare, layout, false);
  }
  const text = layout.sharp ? withPoint(bare, verb, precision) : bare;
  const sign = isNegative ? "-" : positive(layout);
  const { width = 0 } = layout;
  if (sign !== "" && layout.zero && width > text.length + 1) {
    return sign + "0".repeat(width - text.length - 1) + text;
  }
  return padded(sign + text, layout);
}

function signOfSpecial(value: number, layout: Layout): string {
  if (positive(layout) !== "") return positive(layout);
  return Number.isNaN(value) ? "" : "+";
}

/** With `#`, a decimal point, and for `%g` the zeros at the end as well. */
function withPoint(text: string, verb: string, precision: number | undefined): string {
  const [mantissa = "", exponent] = text.split(/(?=[eE])/);
  const pointed = mantissa.includes(".") ? mantissa : `${mantissa}.`;
  const wanted = /[gG]/.test(verb) ? (precision ?? 6) : 0;
  const significant = pointed.replace(".", "").replace(/^0+/, "").length;
  const known = mantissa === "0" ? 1 : significant;
  return pointed + "0".repeat(Math.max(0, wanted - known)) + (exponent ?? "");
}

function truncated(text: string, { precision }: Layout): string {
  return precision === undefined ? text : [...text].slice(0, precision).join("");
}
