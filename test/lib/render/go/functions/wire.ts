import { Float, Integer } from "../../../../../lib/render/go/values/numbers.ts";
import {
  isKeyValue,
  isList,
  isMap,
  newMap,
  Struct,
  typed,
  typeName,
} from "../../../../../lib/render/go/values/types.ts";

/** A value as it is exchanged with Go: JSON, in which an object has one member, named by the type. See oracle/values.go. */
export type Wire =
  | null
  | string
  | number
  | boolean
  | readonly Wire[]
  | { readonly [tag: string]: unknown };

type Pair = readonly [string, string];

const lists: Readonly<Record<string, string>> = { s: "[]string", i: "[]int" };

export function fromWire(wire: Wire): unknown {
  if (typeof wire !== "object" || wire === null) return wire;
  if (Array.isArray(wire)) return wire.map(fromWire);
  const [[tag = "", inner] = []] = Object.entries(wire);
  if (tag === "f") return new Float(Number(inner));
  if (tag === "l") return new Integer("int64", inner as number);
  if (tag === "b") return new Integer("uint8", inner as number);
  if (tag === "e") return entry(inner as Pair);
  if (tag === "k") return typed((inner as Pair[]).map(entry), "memkv.KVPairs");
  if (tag === "p") return typed((inner as Pair[]).map(entry), "[]memkv.KVPair");
  if (tag === "m" || tag === "t") {
    const members = Object.entries(inner as Record<string, Wire>);
    const map = newMap(members.map(([key, value]) => [key, fromWire(value)]));
    return tag === "t" ? typed(map, "map[string]string") : map;
  }
  return typed([...(inner as unknown[])], lists[tag] ?? "");
}

function entry([key, value]: Pair) {
  return { key, value, revision: "1" };
}

export function toWire(value: unknown): Wire {
  if (value === undefined || value === null) return null;
  if (value instanceof Float) return { f: floatWire(value.value) };
  if (value instanceof Integer) return { [value.type === "uint8" ? "b" : "l"]: value.value };
  if (value instanceof Struct) return { g: value.text ?? "" };
  if (isKeyValue(value)) return { e: [value.key, value.value] };
  if (isList(value)) return listWire(value);
  if (!isMap(value)) return value as Wire;
  const members = Object.entries(value).map(([key, member]) => [key, toWire(member)]);
  return { [typeName(value) === "map[string]string" ? "t" : "m"]: Object.fromEntries(members) };
}

function floatWire(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : String(new Float(value));
}

function listWire(list: readonly unknown[]): Wire {
  const pairs = () => list.filter(isKeyValue).map(({ key, value }) => [key, value] as const);
  switch (typeName(list)) {
    case "[]string":
      return { s: list };
    case "[]int":
      return { i: list };
    case "[][]interface {}":
      return { c: list.map((one) => (one as unknown[]).map(toWire)) };
    case "memkv.KVPairs":
      return { k: pairs() };
    case "[]memkv.KVPair":
      return { p: pairs() };
    default:
      return list.map(toWire);
  }
}
