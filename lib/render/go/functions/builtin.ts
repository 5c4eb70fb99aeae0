import { HelperError } from "../../helpers/contract.ts";
import { equal, less } from "../values/compare.ts";
import { escapeHtml, escapeJs, escapeQuery } from "../values/escape.ts";
import { index, lengthOf, slice } from "../values/index-of.ts";
import { printed, sprint, sprintln } from "../values/print.ts";
import { sprintf } from "../values/printf.ts";
import { truth } from "../values/truth.ts";
import { isNil, typeName } from "../values/types.ts";
import { pure, table } from "./define.ts";

/** The functions that text/template has. `and` and `or` get values here; that they stop early is the caller's part. */
export const builtin = table(
  pure(
    "and(first any, others ...any) any",
    "the first argument that is false or empty, else the last",
    (...values) => values.at(values.findIndex((value) => !truth(value))), // at(-1) is the last
  ),
  pure(
    "or(first any, others ...any) any",
    "the first argument that is neither false nor empty, else the last",
    (...values) => values.at(values.findIndex(truth)),
  ),
  pure("not(value any) bool", "whether the value is false or empty", (value) => !truth(value)),
  pure("eq(value any, others ...any) bool", "whether the value equals one of the others", eq),
  pure("ne(a, b any) bool", "whether the values differ", (a, b) => !equal(a, b)),
  pure("lt(a, b any) bool", "whether a < b", less),
  pure("le(a, b any) bool", "whether a ≤ b", lessOrEqual),
  pure("gt(a, b any) bool", "whether a > b", (a, b) => !lessOrEqual(a, b)),
  pure("ge(a, b any) bool", "whether a ≥ b", (a, b) => !less(a, b)),
  pure(
    "index(value any, keys ...any) any",
    "the item or member below these keys",
    (value, ...keys) => index(value, keys),
  ),
  pure(
    "slice(value any, positions ...any) any",
    "the part of a list or of a string from one position to another",
    (value, ...positions) => slice(value, positions),
  ),
  pure("len(value any) int", "the number of items, members or bytes", lengthOf),
  pure("print(values ...any) string", "the values as text", (...values) => sprint(values)),
  pure(
    "printf(format string, values ...any) string",
    "the values in a format of Go: `%s`, `%d`, `%05.1f`, `%q`",
    (format, ...values) => sprintf(format, values),
  ),
  pure("println(values ...any) string", "the values as a line", (...values) => sprintln(values)),
  pure("html(values ...any) string", "the values as text of HTML", (...values) =>
    escapeHtml(textOf(values)),
  ),
  pure("js(values ...any) string", "the values as text of JavaScript", (...values) =>
    escapeJs(textOf(values)),
  ),
  pure("urlquery(values ...any) string", "the values as a parameter of a URL", (...values) =>
    escapeQuery(textOf(values)),
  ),
  pure("call(function any, args ...any) any", "fails: no value is a function", (value) => {
    throw new HelperError(isNil(value) ? "call of nil" : `non-function of type ${typeName(value)}`);
  }),
);

function eq(value: unknown, ...others: unknown[]): boolean {
  if (others.length === 0) throw new HelperError("missing argument for comparison");
  return others.some((other) => equal(value, other));
}

function lessOrEqual(a: unknown, b: unknown): boolean {
  return less(a, b) || equal(a, b);
}

/** A single value is printed as `{{value}}` is. */
function textOf(values: readonly unknown[]): string {
  return values.length === 1 ? printed(values[0]) : sprint(values.map(spoken));
}

/** As text/template hands a value to fmt.Sprint: nil is a text. */
function spoken(value: unknown): unknown {
  return isNil(value) ? "<no value>" : value;
}
