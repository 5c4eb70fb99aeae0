import { HelperError } from "../../helpers/contract.ts";
import { sortedKeys } from "../values/print.ts";
import { truth } from "../values/truth.ts";
import {
  type GoMap,
  isList,
  isMap,
  isNil,
  itemType,
  newMap,
  typed,
  typeName,
} from "../values/types.ts";
import { pure, recorded, table } from "./define.ts";

/** Maps, as in sprig. `set`, `unset` and `merge…` change their first argument, which the template has made itself. */
export const sprigMaps = table(
  recorded(
    "set(map map, key string, value any) map",
    "the map, which now has this member",
    (_, map, key, value) => {
      changeable(map)[key] = value;
      return map;
    },
  ),
  recorded(
    "unset(map map, key string) map",
    "the map, which has this member no longer",
    (_, map, key) => {
      if (Object.hasOwn(map, key)) delete changeable(map)[key];
      return map;
    },
  ),
  pure("hasKey(map map, key string) bool", "whether the map has the member", (map, key) =>
    Object.hasOwn(map, key),
  ),
  pure(
    "pluck(key string, maps ...map) []any",
    "the members of this name of all maps",
    (key, ...maps) => maps.flatMap((map: GoMap) => (Object.hasOwn(map, key) ? [map[key]] : [])),
  ),
  pure(
    "keys(maps ...map) []string",
    "the keys of the maps, sorted; in Go in any order",
    (...maps) => maps.flatMap(sortedKeys),
  ),
  pure("values(map map) []any", "the members of the map, by key; in Go in any order", (map) =>
    sortedKeys(map).map((key) => map[key]),
  ),
  pure("pick(map map, keys ...string) map", "the map with these members alone", (map, ...keys) =>
    newMap(keys.flatMap((key) => (Object.hasOwn(map, key) ? [[key, map[key]] as const] : []))),
  ),
  pure("omit(map map, keys ...string) map", "the map without these members", (map, ...keys) =>
    newMap(Object.entries(map).filter(([key]) => !keys.includes(key))),
  ),
  ...["merge", "mustMerge"].map((name) =>
    recorded(
      `${name}(map map, others ...map) any`,
      "the map, with members of the others where it has none",
      (_, map, ...others) => merged(map, others, false),
    ),
  ),
  ...["mergeOverwrite", "mustMergeOverwrite"].map((name) =>
    recorded(
      `${name}(map map, others ...map) any`,
      "the map, with the members of the others",
      (_, map, ...others) => merged(map, others, true),
    ),
  ),
  ...["deepCopy", "mustDeepCopy"].map((name) =>
    pure(`${name}(value any) any`, "the value, which nothing else changes", (value) => {
      if (isNil(value)) throw new HelperError("nil cannot be copied");
      return copied(value);
    }),
  ),
  pure(
    "dig(path ...any) any",
    "the member below these keys, or the default: `dig key... default map`",
    dig,
  ),
);

/** Values of the keyspace and of sidekick are shared: a template changes only maps that it has made. */
function changeable(map: GoMap): GoMap {
  if (Object.isFrozen(map)) throw new HelperError("assignment to entry in nil map");
  if (Object.getPrototypeOf(map) === null) return map;
  throw new HelperError("this map cannot be changed: take deepCopy of it");
}

function merged(map: GoMap, others: readonly GoMap[], overwrites: boolean): GoMap {
  const target = Object.isFrozen(map) ? newMap() : changeable(map);
  for (const other of others) mergeInto(target, other, overwrites);
  return target;
}

function mergeInto(map: GoMap, other: Readonly<GoMap>, overwrites: boolean): void {
  for (const [key, value] of Object.entries(other)) {
    const own = map[key];
    if (isNil(value)) {
      if (overwrites) map[key] = value;
      continue;
    }
    if (isMap(own) && isMap(value)) mergeInto(changeable(own as GoMap), value, overwrites);
    if (isReplaced(own, value, overwrites)) map[key] = value;
  }
}

/** As sprig does it, a map replaces only what is empty. */
function isReplaced(own: unknown, value: unknown, overwrites: boolean): boolean {
  return isEmpty(own) || (overwrites && !isMap(value));
}

function isEmpty(value: unknown): boolean {
  return isNil(value) || !truth(value);
}

function copied(value: unknown): unknown {
  if (isList(value)) return typed(value.map(copied), typeName(value));
  if (!isMap(value)) return value;
  const map = newMap(Object.entries(value).map(([key, member]) => [key, copied(member)]));
  return typed(map, typeName(value));
}

function dig(...path: unknown[]): unknown {
  if (path.length < 3) throw new HelperError("dig needs at least three arguments");
  const fallback = path.at(-2);
  let value = path.at(-1);
  for (const key of path.slice(0, -2)) {
    if (typeof key !== "string" || !isMap(value) || itemType(value) !== "interface {}") {
      throw new HelperError("interface conversion: dig expects keys that are texts, and maps");
    }
    if (!Object.hasOwn(value, key)) return fallback;
    value = value[key];
  }
  return value;
}
