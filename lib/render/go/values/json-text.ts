import { UnusableValue } from "../../helpers/contract.ts";
import { parseShallow } from "../../helpers/json.ts";
import { Float, Integer } from "./numbers.ts";
import { sortedKeys } from "./print.ts";
import { isKeyValue, isList, isMap, isNil, newMap, Struct } from "./types.ts";

/** Parses JSON to values of Go: numbers are float64, null is nil. Throws an UnusableValue. */
export function parseJson(text: string): unknown {
  return asGo(parseShallow(text));
}

function asGo(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") {
    if (Number.isFinite(value)) return new Float(value);
    throw new UnusableValue("a number is too large for a float64");
  }
  if (Array.isArray(value)) return value.map(asGo);
  if (typeof value !== "object" || value === null) return value;
  const map = newMap();
  for (const [key, member] of Object.entries(value)) map[key.toWellFormed()] = asGo(member);
  return map;
}

/** How JSON is written. */
export interface JsonStyle {
  /** `<`, `>` and `&` are escaped. */
  readonly html: boolean;
  /** Two spaces for each level, on lines of their own. */
  readonly pretty: boolean;
}

/** Go's json.Marshal. Throws an UnusableValue for a number that JSON has not. */
export function jsonText(value: unknown, style: JsonStyle, level = 0): string {
  if (isNil(value)) return "null";
  if (typeof value === "string") return jsonString(value, style.html);
  if (value instanceof Float) return jsonNumber(value.value);
  if (value instanceof Integer) return String(value.value);
  if (isList(value)) {
    return enclosed(
      "[]",
      value.map((item) => jsonText(item, style, level + 1)),
      style,
      level,
    );
  }
  if (typeof value !== "object") return String(value);
  const members = membersOf(value).map(([name, member]) => {
    const text = jsonText(member, style, level + 1);
    return `${jsonString(name, style.html)}:${style.pretty ? " " : ""}${text}`;
  });
  return enclosed("{}", members, style, level);
}

function membersOf(value: object): readonly (readonly [string, unknown])[] {
  if (value instanceof Struct) return Object.entries(value.fields);
  if (isKeyValue(value)) return Object.entries({ Key: value.key, Value: value.value });
  return isMap(value) ? sortedKeys(value).map((key) => [key, value[key]]) : [];
}

function enclosed(
  [open = "", close = ""]: string,
  parts: readonly string[],
  { pretty }: JsonStyle,
  level: number,
): string {
  if (!pretty || parts.length === 0) return `${open}${parts.join(",")}${close}`;
  const margin = "  ".repeat(level);
  return `${open}\n${parts.map((part) => `${margin}  ${part}`).join(",\n")}\n${margin}${close}`;
}

function jsonString(text: string, html: boolean): string {
  const quoted = JSON.stringify(text).replace(/\\[bf]|[\u2028\u2029]/g, escapeOf);
  return html ? quoted.replace(/[<>&]/g, escapeOf) : quoted;
}

function escapeOf(found: string): string {
  const code = { "\\b": 8, "\\f": 12 }[found] ?? found.charCodeAt(0);
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new UnusableValue(`json: unsupported value: ${new Float(value)}`);
  }
  return Object.is(value, -0) ? "-0" : String(value);
}
