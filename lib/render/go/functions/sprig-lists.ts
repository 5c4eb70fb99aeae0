import { sortedByBytes } from "../../../base/byte-order.ts";
import { HelperError } from "../../helpers/contract.ts";
import { split } from "../../helpers/text.ts";
import { deepEqual, textOf, textsOf, toInteger } from "../values/cast.ts";
import { truth } from "../values/truth.ts";
import { type GoMap, isList, isNil, kindName, newMap, typed, typeName } from "../values/types.ts";
import { type GoFunction, pure, table } from "./define.ts";

type List = readonly unknown[];

/** Lists, as in sprig: none is changed, a function gives a new one. `must…` is the same as the function without it. */
export const sprigLists = table(
  pure("list(items ...any) []any", "a list of these items", (...items) => items),
  pure("tuple(items ...any) []any", "list", (...items) => items),
  ...both("append", "(list, item any) []any", "the list with an item at its end", (list, item) => [
    ...items(list, "push on"),
    item,
  ]),
  ...both("push", "(list, item any) []any", "append", (list, item) => [
    ...items(list, "push on"),
    item,
  ]),
  ...both(
    "prepend",
    "(list, item any) []any",
    "the list with an item at its start",
    (list, item) => [item, ...items(list, "prepend on")],
  ),
  ...both("first", "(list any) any", "the first item", (list) => items(list, "find first on")[0]),
  ...both("last", "(list any) any", "the last item", (list) => items(list, "find last on").at(-1)),
  ...both("rest", "(list any) []any", "the list without its first item", (list) =>
    items(list, "find rest on").slice(1),
  ),
  ...both("initial", "(list any) []any", "the list without its last item", (list) =>
    items(list, "find initial on").slice(0, -1),
  ),
  ...both("compact", "(list any) []any", "the items that are not empty", (list) =>
    items(list, "compact on").filter(truth),
  ),
  ...both("uniq", "(list any) []any", "each item once", (list) =>
    unique(items(list, "find uniq on")),
  ),
  ...both(
    "without",
    "(list any, items ...any) []any",
    "the list without these items",
    (list, ...omitted) => items(list, "find without on").filter((item) => !contains(omitted, item)),
  ),
  ...both("has", "(item, list any) bool", "whether the list has the item", (item, list) =>
    isNil(list) ? false : contains(items(list, "find has on"), item),
  ),
  ...both("chunk", "(size int, list any) any", "the items in lists of this size", chunk),
  pure(
    "mustSlice(list any, positions ...any) any",
    "the items from one position to another",
    slice,
  ),
  pure("mustReverse(list any) []any", "the list in reverse order", (list) =>
    items(list, "find reverse on").toReversed(),
  ),
  pure("concat(lists ...any) any", "the items of all lists", (...lists) =>
    typed(
      lists.flatMap((list) => items(list, "concat")),
      "[]interface {}",
    ),
  ),
  pure("sortAlpha(list any) []string", "the items as texts, sorted", (list) =>
    isList(list) ? sortedByBytes(textsOf(list)) : [textOf(list)],
  ),
  pure("toStrings(value any) []string", "the items as texts", textsOf),
  pure("splitList(separator, text string) []string", "the parts of a text", (separator, text) =>
    split(text, separator),
  ),
  pure(
    "splitn(separator string, count int, text string) any",
    "the first parts of a text, as a map with the keys _0, _1 and so on",
    splitn,
  ),
  pure("until(count int) []int", "the integers from 0 to below count", (count) =>
    untilStep(0, count, count < 0 ? -1 : 1),
  ),
  pure(
    "untilStep(start, stop, step int) []int",
    "the integers from start to before stop",
    untilStep,
  ),
);

/** A function, and the same one under the name with `must`. */
function both(
  name: string,
  declaration: string,
  returns: string,
  implementation: Parameters<typeof pure>[2],
): readonly GoFunction[] {
  const must = `must${name[0]?.toUpperCase()}${name.slice(1)}`;
  return [name, must].map((one) => pure(one + declaration, returns, implementation));
}

function items(value: unknown, action: string): List {
  if (isList(value)) return value;
  throw new HelperError(`Cannot ${action} type ${kindName(value)}`);
}

function contains(list: List, item: unknown): boolean {
  return list.some((one) => deepEqual(one, item));
}

function unique(list: List): List {
  const found: unknown[] = [];
  for (const item of list) if (!contains(found, item)) found.push(item);
  return found;
}

function chunk(size: number, list: unknown): List {
  const all = items(list, "chunk");
  if (size <= 0) throw new HelperError(`chunks of ${size} items are not supported`);
  const count = Math.ceil(all.length / size);
  const chunks = Array.from({ length: count }, (_, at) => all.slice(at * size, (at + 1) * size));
  return typed(chunks, "[][]interface {}");
}

function slice(list: unknown, ...positions: unknown[]): unknown {
  const all = items(list, "slice");
  if (all.length === 0) return undefined;
  const [start = 0, end = all.length] = positions.map(toInteger);
  if (start < 0 || start > end || end > all.length) {
    throw new HelperError("reflect.Value.Slice: slice index out of bounds");
  }
  return typed(all.slice(start, end), typeName(all));
}

/** The last part has the rest of the text; a negative count gives all parts. */
function splitn(separator: string, count: number, text: string): GoMap {
  const all = count === 0 ? [] : split(text, separator);
  const isCut = count > 0 && all.length > count;
  const parts = isCut ? [...all.slice(0, count - 1), all.slice(count - 1).join(separator)] : all;
  return typed(newMap(parts.map((part, at) => [`_${at}`, part])), "map[string]string");
}

/** A number from the keyspace must not exhaust the memory. */
const maxLength = 100_000;

function untilStep(start: number, stop: number, step: number): readonly number[] {
  const isUp = stop >= start;
  if (isUp ? step <= 0 : step >= 0) return [];
  const length = Math.ceil((stop - start) / step);
  if (length > maxLength) throw new HelperError(`more than ${maxLength} numbers are not supported`);
  return Array.from({ length }, (_, at) => start + at * step);
}
