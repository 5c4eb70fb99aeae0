import type { Entry } from "../../../model/entry.ts";
import { Float, Integer } from "./numbers.ts";

/*
 * How the values of Go are represented:
 *
 * | Go                       | here                                                                  |
 * | ------------------------ | --------------------------------------------------------------------- |
 * | nil, no value            | undefined or null                                                     |
 * | string, bool, int        | string (without halves of characters), boolean, number (up to 2^53)   |
 * | float64, other integers  | Float, Integer                                                        |
 * | a slice                  | an array; `typed` gives the type of its items, else []interface {}    |
 * | a map                    | an object, by convention without a prototype; else map[string]any     |
 * | memkv.KVPair             | an entry of the keyspace                                              |
 * | another struct           | Struct                                                                |
 *
 * Text, keys and lists of them are the same objects as for Handlebars, so that they cost nothing, and loops recognize
 * unchanged items. Only numbers of JSON are wrapped.
 */

/** A struct other than an entry: its type, and its fields in order. */
export class Struct {
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What it prints as, if it has a text of its own. */
  readonly text: string | undefined;

  constructor(type: string, fields: Readonly<Record<string, unknown>>, text?: string) {
    this.type = type;
    this.fields = fields;
    this.text = text;
  }
}

export type GoMap = Record<string, unknown>;

const types = new WeakMap<object, string>();

/** Declares the type of a list or a map: `[]string`, `map[string]string`. The object remains the same. */
export function typed<T extends object>(value: T, type: string): T {
  types.set(value, type);
  return value;
}

/** A new map without members. */
export function newMap(members: Iterable<readonly [string, unknown]> = []): GoMap {
  const map: GoMap = Object.create(null);
  for (const [key, value] of members) map[key] = value;
  return map;
}

export function isNil(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isKeyValue(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.getPrototypeOf(value) !== null && "key" in value && "revision" in value;
}

export function isMap(value: unknown): value is Readonly<GoMap> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if (Object.getPrototypeOf(value) === null) return true;
  const isOther = value instanceof Float || value instanceof Integer || value instanceof Struct;
  return !isOther && !isKeyValue(value);
}

/** The name of the type in Go, as `%T` prints it. */
export function typeName(value: unknown): string {
  if (isNil(value)) return "<nil>";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (value instanceof Float) return "float64";
  if (value instanceof Integer || value instanceof Struct) return value.type;
  if (isKeyValue(value)) return "memkv.KVPair";
  return (
    types.get(value as object) ?? (isList(value) ? "[]interface {}" : "map[string]interface {}")
  );
}

/** The type of the items of a list or a map: `[]string` → `string`. */
export function itemType(value: object): string {
  return (typeName(value) as string).replace(/^(?:\[\]|map\[string\])/, "");
}

/** The kind of a type: what it is made of, whatever its name. */
export function kindName(value: unknown): string {
  if (isNil(value)) return "invalid";
  if (isList(value)) return "slice";
  if (isMap(value)) return "map";
  if (value instanceof Struct) return value.type.startsWith("*") ? "ptr" : "struct";
  return isKeyValue(value) ? "struct" : typeName(value);
}
