import { Float, Integer } from "./numbers.ts";
import { isList, isMap } from "./types.ts";

/** Whether `if` takes a value for true: not for false, 0, nil and what is empty. A struct is true. */
export function truth(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  if (value instanceof Float || value instanceof Integer) return value.value !== 0;
  if (isList(value)) return value.length > 0;
  return !isMap(value) || Object.keys(value).length > 0;
}
