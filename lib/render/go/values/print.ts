import { sortedByBytes } from "../../../base/byte-order.ts";
import { Float } from "./numbers.ts";
import { type GoMap, isKeyValue, isList, isMap, isNil, Struct } from "./types.ts";

/** The text that `{{value}}` writes: as `printValue` of text/template, which prints nil as `<no value>`. */
export function printed(value: unknown): string {
  if (typeof value === "string") return value;
  if (isNil(value)) return "<no value>";
  return value instanceof Struct ? fieldsText(value) : display(value);
}

/** `%v`: lists as `[a b]`, maps as `map[a:1 b:2]` in the order of their keys, structs as `{a b}`. */
export function display(value: unknown): string {
  if (typeof value === "string") return value;
  if (isNil(value)) return "<nil>";
  if (isList(value)) return `[${value.map(display).join(" ")}]`;
  if (isKeyValue(value)) return `{${value.key} ${value.value}}`;
  if (value instanceof Struct) return structText(value);
  if (isMap(value)) {
    const members = sortedKeys(value).map((key) => `${key}:${display(value[key])}`);
    return `map[${members.join(" ")}]`;
  }
  return value instanceof Float ? value.toString() : String(value);
}

/** The keys of a map, in the order in which Go ranges over it. */
export function sortedKeys(map: Readonly<GoMap>): readonly string[] {
  return sortedByBytes(Object.keys(map));
}

/** fmt.Sprint: a space between two values of which neither is a string. */
export function sprint(values: readonly unknown[]): string {
  let text = "";
  for (const [at, value] of values.entries()) {
    const isSpaced = at > 0 && typeof value !== "string" && typeof values[at - 1] !== "string";
    text += (isSpaced ? " " : "") + display(value);
  }
  return text;
}

/** fmt.Sprintln: a space between any two values. */
export function sprintln(values: readonly unknown[]): string {
  return `${values.map(display).join(" ")}\n`;
}

function structText(value: Struct): string {
  const isPointer = value.type.startsWith("*") && value.text === undefined;
  return (isPointer ? "&" : "") + fieldsText(value);
}

function fieldsText({ fields, text }: Struct): string {
  return text ?? `{${Object.values(fields).map(display).join(" ")}}`;
}
