import { HelperError } from "../../helpers/contract.ts";
import { byteLength, bytesOf, cut } from "./bytes.ts";
import { Integer, integerOf } from "./numbers.ts";
import { isList, isMap, isNil, itemType, typed, typeName } from "./types.ts";

/** `index`: the item of a list, the member of a map, or the byte of a string, and so on with the next key. */
export function index(value: unknown, keys: readonly unknown[]): unknown {
  if (isNil(value)) throw new HelperError("index of untyped nil");
  let item: unknown = value;
  for (const key of keys) item = member(item, key);
  return item;
}

function member(value: unknown, key: unknown): unknown {
  if (isNil(value)) throw new HelperError("index of nil pointer");
  if (typeof value === "string") {
    const byte = bytesOf(value)[position(key, byteLength(value))];
    if (byte === undefined) throw new HelperError("reflect: string index out of range");
    return new Integer("uint8", byte);
  }
  if (isList(value)) {
    const at = position(key, value.length);
    if (at === value.length) throw new HelperError("reflect: slice index out of range");
    return value[at];
  }
  if (!isMap(value)) throw new HelperError(`can't index item of type ${typeName(value)}`);
  if (isNil(key)) throw new HelperError("value is nil; should be of type string");
  if (typeof key !== "string")
    throw new HelperError(`value has type ${typeName(key)}; should be string`);
  if (Object.hasOwn(value, key)) return value[key];
  return itemType(value) === "string" ? "" : undefined;
}

function position(key: unknown, capacity: number): number {
  const at = integerOf(key);
  if (isNil(key)) throw new HelperError("cannot index slice/array with nil");
  if (at === undefined) {
    throw new HelperError(`cannot index slice/array with type ${typeName(key)}`);
  }
  if (at < 0 || at > capacity) throw new HelperError(`index out of range: ${at}`);
  return at;
}

/** `slice`: a part of a list or a string. The capacity of a list is its length. */
export function slice(value: unknown, positions: readonly unknown[]): unknown {
  if (isNil(value)) throw new HelperError("slice of untyped nil");
  if (positions.length > 3) throw new HelperError(`too many slice indexes: ${positions.length}`);
  if (typeof value !== "string" && !isList(value)) {
    throw new HelperError(`can't slice item of type ${typeName(value)}`);
  }
  if (typeof value === "string" && positions.length === 3) {
    throw new HelperError("cannot 3-index slice a string");
  }
  const size = typeof value === "string" ? byteLength(value) : value.length;
  const [from = 0, to = size, capacity] = positions.map((one) => position(one, size));
  if (from > to) throw new HelperError(`invalid slice index: ${from} > ${to}`);
  if (capacity !== undefined && to > capacity) {
    throw new HelperError(`invalid slice index: ${to} > ${capacity}`);
  }
  if (typeof value === "string") return cut(value, from, to);
  return typed(value.slice(from, to), typeName(value));
}

/** `len`: of a string in bytes. */
export function lengthOf(value: unknown): number {
  if (typeof value === "string") return byteLength(value);
  if (isList(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  if (isNil(value)) throw new HelperError("len of nil pointer");
  throw new HelperError(`len of type ${typeName(value)}`);
}
