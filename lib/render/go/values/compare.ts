import { byBytes } from "../../../base/byte-order.ts";
import { HelperError } from "../../helpers/contract.ts";
import { Float, integerOf, isUnsigned } from "./numbers.ts";
import { display } from "./print.ts";
import { isKeyValue, isList, isMap, isNil, kindName, Struct, typeName } from "./types.ts";

type BasicKind = "bool" | "int" | "uint" | "float" | "string" | undefined;

/** Integers compare with each other whatever their types; undefined for what has no order. */
function basicKind(value: unknown): BasicKind {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (value instanceof Float) return "float";
  if (integerOf(value) === undefined) return undefined;
  return isUnsigned(value) ? "uint" : "int";
}

/** `eq`. Throws a HelperError for values of different kinds, lists and maps; nil equals only nil. */
export function equal(a: unknown, b: unknown): boolean {
  if (typeof a === "string" && typeof b === "string") return a === b;
  const [kindA, kindB] = [basicKind(a), basicKind(b)];
  if (kindA && kindB) {
    if (!comparable(kindA, kindB)) throw incompatible();
    return plain(a) === plain(b);
  }
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (kindA !== kindB) throw incompatible();
  return equalObjects(a, b);
}

/** `lt`. Throws a HelperError for anything but two numbers of one kind, or two strings. */
export function less(a: unknown, b: unknown): boolean {
  const [kindA, kindB] = [basicKind(a), basicKind(b)];
  if (!kindA || !kindB) throw new HelperError("invalid type for comparison");
  if (!comparable(kindA, kindB)) throw incompatible();
  if (kindA === "bool") throw new HelperError("invalid type for comparison");
  if (kindA === "string") return byBytes(a as string, b as string) < 0;
  return (plain(a) as number) < (plain(b) as number);
}

function comparable(a: BasicKind, b: BasicKind): boolean {
  const isInteger = (kind: BasicKind) => kind === "int" || kind === "uint";
  return a === b || (isInteger(a) && isInteger(b));
}

function plain(value: unknown): unknown {
  return value instanceof Float ? value.value : (integerOf(value) ?? value);
}

function incompatible(): HelperError {
  return new HelperError("incompatible types for comparison");
}

function equalObjects(a: unknown, b: unknown): boolean {
  if (kindName(a) !== kindName(b)) {
    throw new HelperError(
      `non-comparable types ${display(a)}: ${typeName(a)}, ${typeName(b)}: ${display(b)}`,
    );
  }
  if (isList(b) || isMap(b)) {
    throw new HelperError(`non-comparable type ${display(b)}: ${typeName(b)}`);
  }
  return (
    typeName(a) === typeName(b) &&
    (b instanceof Struct || isKeyValue(b)) &&
    display(a) === display(b)
  );
}
