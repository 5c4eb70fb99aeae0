import { HelperError, UnusableValue } from "../../helpers/contract.ts";
import { booleanIn, integerIn } from "../../helpers/numbers.ts";
import { byteLength } from "../values/bytes.ts";
import { parseJson } from "../values/json-text.ts";
import { exact } from "../values/numbers.ts";
import { type GoMap, isList, isMap, isNil, newMap, typed, typeName } from "../values/types.ts";
import { pure, table } from "./define.ts";

/** Data, numbers and lists, as in confd. */
export const confdData = table(
  pure("json(text string) map", "the JSON object in a text", (text) => {
    const value = parseJson(text);
    if (isNil(value)) return newMap();
    if (isMap(value)) return value;
    throw new UnusableValue(`json: cannot unmarshal ${jsonKind(value)} into a map`);
  }),
  pure("jsonArray(text string) []any", "the JSON list in a text", (text) => {
    const value = parseJson(text);
    if (isNil(value)) return [];
    if (isList(value)) return value;
    throw new UnusableValue(`json: cannot unmarshal ${jsonKind(value)} into a list`);
  }),
  pure("map(pairs ...any) map", "a map of these keys and values", map),
  pure(
    "parseBool(text string) bool",
    "the boolean that a text stands for: 1, t, true, 0, f, false",
    booleanIn,
  ),
  pure("atoi(text string) int", "the integer that a text stands for", integerIn),
  pure("add(a, b int) int", "a + b", (a, b) => exact(a + b)),
  pure("sub(a, b int) int", "a - b", (a, b) => exact(a - b)),
  pure("mul(a, b int) int", "a × b", (a, b) => exact(a * b)),
  pure("div(a, b int) int", "a ÷ b, truncated towards 0", (a, b) =>
    exact(Math.trunc(a / divisor(b))),
  ),
  pure("mod(a, b int) int", "the remainder of a ÷ b, with the sign of a", (a, b) =>
    exact(a % divisor(b)),
  ),
  pure("seq(first, last int) []int", "the integers from first to last", integers),
  pure(
    "reverse(list any) any",
    "a list of texts in reverse order. The result of `gets` remains as it is, as in confd",
    (list) => (reversible.has(typeName(list)) ? typed(list.toReversed(), typeName(list)) : list),
  ),
  pure(
    "sortByLength(list []string) []string",
    "the texts from the shortest to the longest, in bytes",
    (list) => list.toSorted(byLength),
  ),
  pure(
    "sortKVByLength(list []memkv.KVPair) []memkv.KVPair",
    "the entries from the shortest key to the longest, in bytes",
    (list) => list.toSorted((a: Keyed, b: Keyed) => byLength(a.key, b.key)),
  ),
);

interface Keyed {
  readonly key: string;
}

const reversible: ReadonlySet<string> = new Set(["[]string", "[]memkv.KVPair"]);

function map(...pairs: unknown[]): GoMap {
  if (pairs.length % 2 === 1) throw new HelperError("invalid map call");
  const members = newMap();
  for (let at = 0; at < pairs.length; at += 2) {
    const key = pairs[at];
    if (typeof key !== "string") throw new HelperError("map keys must be strings");
    members[key] = pairs[at + 1];
  }
  return members;
}

function divisor(number: number): number {
  if (number === 0) throw new HelperError("runtime error: integer divide by zero");
  return number;
}

/** A number from the keyspace must not exhaust the memory. */
const maxLength = 100_000;

function integers(first: number, last: number): readonly number[] {
  const length = Math.max(0, last - first + 1);
  if (length > maxLength) throw new HelperError(`more than ${maxLength} numbers are not supported`);
  return Array.from({ length }, (_, at) => first + at);
}

function byLength(a: string, b: string): number {
  return byteLength(a) - byteLength(b);
}

function jsonKind(value: unknown): string {
  if (isList(value)) return "array";
  if (isMap(value)) return "object";
  return typeof value === "object" ? "number" : typeof value;
}
