import { isQuotable } from "../names.ts";
import { type Json, objectOf } from "./json.ts";

/**
 * The members of an object that can be labels: texts, numbers and booleans that every proxy's file can hold. Other programs keep
 * more than that beside an address, which is no reason to leave the instance out. Undefined for anything but an object.
 */
export function scalarsOf(value: unknown): Json | undefined {
  const object = objectOf(value);
  const members = object && Object.entries(object).filter(isLabel);
  // An object that was made so has "__proto__" as any other member.
  return members && Object.fromEntries(members);
}

function isLabel([name, value]: readonly [string, unknown]): boolean {
  const isScalar = ["string", "number", "boolean"].includes(typeof value);
  return isScalar && isQuotable(name) && isQuotable(String(value));
}
