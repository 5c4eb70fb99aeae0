import { HelperError } from "../helpers/contract.ts";
import { field } from "./values/field.ts";
import { isKeyValue, isMap, isNil } from "./values/types.ts";

/**
 * `.a.b` of a value. A member that a map lacks is nil, and so is every member of that; a member that is nil in JSON has none, and
 * a struct has its own alone: else throws a HelperError.
 */
export function memberOf(value: unknown, names: readonly string[]): unknown {
  let member = value;
  for (const name of names) {
    if (member === undefined) return undefined;
    if (member === null) throw new HelperError(`${path(names)}: nil has no member ${name}`);
    member = own(member, name);
  }
  return member;
}

function own(value: unknown, name: string): unknown {
  if (isOfSidekick(value) && !Object.hasOwn(value, name)) {
    const known = Object.keys(value).join(", ");
    throw new HelperError(`there is no .${name}: the members are ${known}`);
  }
  return field(value, name);
}

/** Instances and services have the members that their page lists. */
function isOfSidekick(value: unknown): value is object {
  if (isNil(value) || !isMap(value) || isKeyValue(value)) return false;
  return (
    Object.getPrototypeOf(value) !== null &&
    (Object.hasOwn(value, "instances") || Object.hasOwn(value, "labels"))
  );
}

function path(names: readonly string[]): string {
  return names.map((name) => `.${name}`).join("");
}
