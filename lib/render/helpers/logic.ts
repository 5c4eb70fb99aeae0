import { type Arguments, describe } from "./arguments.ts";
import { Deferred, HelperError, type Helpers } from "./contract.ts";
import { pure } from "./define.ts";

/** Comparisons and boolean logic, by the rules of Go's text/template. */
export const logic: Helpers = {
  eq: pure("eq a b...", "whether a equals b, or any one of several", eq),
  ne: pure("ne a b", "whether a differs from b", (args) => !eq(args)),
  lt: pure(
    "lt a b",
    "whether a is less than b; both numbers or both strings",
    (args) => order(args) < 0,
  ),
  le: pure("le a b", "whether a is less than b or equal", (args) => order(args) <= 0),
  gt: pure("gt a b", "whether a is greater than b", (args) => order(args) > 0),
  ge: pure("ge a b", "whether a is greater than b or equal", (args) => order(args) >= 0),
  and: pure(
    "and value...",
    "the first value that is empty (false, 0, undefined, an empty string, list or object), else the last. A fault in a later argument does not count",
    ({ all }) => firstThat(isEmpty, all),
  ),
  or: pure(
    "or value...",
    "the first value that is not empty, else the last. A fault in a later argument does not count",
    ({ all }) => firstThat((value) => !isEmpty(value), all),
  ),
  not: pure("not value", "whether a value is empty", ({ all: [value] }) => isEmpty(value)),
};

/** The first value with a property, else the last one. Throws the deferred error of a value that it comes to. */
export function firstThat(has: (value: unknown) => boolean, values: readonly unknown[]): unknown {
  for (const value of values) {
    if (value instanceof Deferred) throw value.error;
    if (has(value)) return value;
  }
  return values.at(-1);
}

function eq({ all: [value, ...others] }: Arguments): boolean {
  return others.some((other) => equal(value, other));
}

/** Undefined and null equal only each other. Comparing values of different types, lists or objects is an error. */
function equal(a: unknown, b: unknown): boolean {
  const [hasA, hasB] = [hasValue(a), hasValue(b)];
  if (!hasA || !hasB) return hasA === hasB;
  if (typeof a === typeof b && typeof a !== "object") return a === b;
  throw incomparable(a, b);
}

function order({ all: [a, b] }: Arguments): number {
  const alike =
    (typeof a === "string" && typeof b === "string") ||
    (typeof a === "number" && typeof b === "number");
  if (!alike) throw incomparable(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function incomparable(a: unknown, b: unknown): HelperError {
  return new HelperError(`${describe(a)} cannot be compared with ${describe(b)}`);
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null;
}
