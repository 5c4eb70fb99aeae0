import { HelperError, type Helpers } from "./contract.ts";
import { pure } from "./define.ts";
import { type Given, shown } from "./given.ts";

/** Comparing and deciding, by the rules of Go's templates. */
export const logic: Helpers = {
  eq: pure("eq a b...", "whether a equals b, or any of several", eq),
  ne: pure("ne a b", "whether a differs from b", (given) => !eq(given)),
  lt: pure(
    "lt a b",
    "whether a is less than b, as numbers or as texts",
    (given) => order(given) < 0,
  ),
  le: pure("le a b", "whether a is less than b or equal", (given) => order(given) <= 0),
  gt: pure("gt a b", "whether a is greater than b", (given) => order(given) > 0),
  ge: pure("ge a b", "whether a is greater than b or equal", (given) => order(given) >= 0),
  and: pure(
    "and value...",
    "the first value that is empty (false, 0, nothing, an empty text, list or object), else the last",
    ({ all }) => all.at(all.findIndex(isEmpty)), // none is at -1, as is the last
  ),
  or: pure("or value...", "the first value that is not empty, else the last", ({ all }) =>
    all.at(all.findIndex((value) => !isEmpty(value))),
  ),
  not: pure("not value", "whether a value is empty", ({ all: [value] }) => isEmpty(value)),
};

function eq({ all: [value, ...others] }: Given): boolean {
  return others.some((other) => equal(value, other));
}

/** Nothing equals only nothing; a text never equals a number, so to compare the two is a mistake. */
function equal(a: unknown, b: unknown): boolean {
  const [hasA, hasB] = [hasValue(a), hasValue(b)];
  if (!hasA || !hasB) return hasA === hasB;
  if (typeof a === typeof b && typeof a !== "object") return a === b;
  throw incomparable(a, b);
}

function order({ all: [a, b] }: Given): number {
  const alike =
    (typeof a === "string" && typeof b === "string") ||
    (typeof a === "number" && typeof b === "number");
  if (!alike) throw incomparable(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function incomparable(a: unknown, b: unknown): HelperError {
  return new HelperError(`${shown(a)} cannot be compared with ${shown(b)}`);
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null;
}
