import { HelperError } from "../../helpers/contract.ts";
import * as layouts from "./layout.ts";
import { type Layout, padded } from "./layout.ts";
import { Float, integerOf, isUnsigned } from "./numbers.ts";
import { sortedKeys } from "./print.ts";
import { isKeyValue, isList, isMap, isNil, itemType, Struct, typeName } from "./types.ts";

/** A value by a verb of printf. A verb that it has not gives `%!d(string=x)`. */
export function formatted(value: unknown, verb: string, layout: Layout): string {
  if (verb === "T" && !isNil(value)) return layouts.stringText(typeName(value), layout);
  if (verb === "p") throw new HelperError("%p is not supported: values have no address");
  if (isNil(value)) return /[vT]/.test(verb) ? padded("<nil>", layout) : `%!${verb}(<nil>)`;
  return within(value, verb, layout, 0);
}

function within(value: unknown, verb: string, layout: Layout, depth: number): string {
  if (isList(value)) return listText(value, verb, layout, depth);
  if (isKeyValue(value)) return structText(asStruct(value), verb, layout, depth);
  if (value instanceof Struct) return structText(value, verb, layout, depth);
  if (isMap(value)) return mapText(value, verb, layout, depth);
  const text = scalar(value, verb, layout);
  if (text !== undefined) return text;
  return `%!${verb}(${typeName(value)}=${scalar(value, "v", layout)})`;
}

function asStruct({ key, value }: { readonly key: string; readonly value: string }): Struct {
  return new Struct("memkv.KVPair", { Key: key, Value: value });
}

/** An item of a list or a member: nil has no width. */
function inner(value: unknown, verb: string, layout: Layout, depth: number, type: string): string {
  if (!isNil(value)) return within(value, verb, layout, depth + 1);
  return layout.notation ? `${type}(nil)` : "<nil>";
}

function listText(list: readonly unknown[], verb: string, layout: Layout, depth: number): string {
  const type = typeName(list);
  const texts = list.map((item) => inner(item, verb, layout, depth, itemType(list)));
  return layout.notation ? `${type}{${texts.join(", ")}}` : `[${texts.join(" ")}]`;
}

function mapText(
  map: Readonly<Record<string, unknown>>,
  verb: string,
  layout: Layout,
  depth: number,
): string {
  const texts = sortedKeys(map).map((key) => {
    const value = inner(map[key], verb, layout, depth, itemType(map));
    return `${within(key, verb, layout, depth + 1)}:${value}`;
  });
  return layout.notation ? `${typeName(map)}{${texts.join(", ")}}` : `map[${texts.join(" ")}]`;
}

function structText({ type, fields }: Struct, verb: string, layout: Layout, depth: number): string {
  const isPointer = type.startsWith("*");
  if (isPointer && depth > 0) throw new HelperError("an address cannot be printed");
  const texts = Object.entries(fields).map(([name, value]) => {
    const text = inner(value, verb, layout, depth, "interface {}");
    return layout.named || layout.notation ? `${name}:${text}` : text;
  });
  const start = isPointer ? "&" : "";
  if (!layout.notation) return `${start}{${texts.join(" ")}}`;
  return `${start}${type.replace("*", "")}{${texts.join(", ")}}`;
}

/** Undefined if the value has no such verb. */
function scalar(value: unknown, verb: string, layout: Layout): string | undefined {
  if (typeof value === "string") return ofString(value, verb, layout);
  if (typeof value === "boolean") {
    return verb === "t" || verb === "v" ? padded(String(value), layout) : undefined;
  }
  if (value instanceof Float) return ofFloat(value.value, verb, layout);
  const integer = integerOf(value);
  return integer === undefined ? undefined : ofInteger(integer, verb, layout, isUnsigned(value));
}

function ofString(text: string, verb: string, layout: Layout): string | undefined {
  switch (verb) {
    case "v":
      return layout.notation ? layouts.quotedText(text, layout) : layouts.stringText(text, layout);
    case "s":
      return layouts.stringText(text, layout);
    case "q":
      return layouts.quotedText(text, layout);
    case "x":
    case "X":
      return layouts.hexText(text, verb === "X", layout);
    default:
      return undefined;
  }
}

function ofFloat(value: number, verb: string, layout: Layout): string | undefined {
  switch (verb) {
    case "v":
      return layouts.floatLayout(value, "g", undefined, layout);
    case "g":
    case "G":
      return layouts.floatLayout(value, verb, undefined, layout);
    case "e":
    case "E":
    case "f":
    case "F":
      return layouts.floatLayout(value, verb, 6, layout);
    case "b":
    case "x":
    case "X":
      throw new HelperError(`%${verb} of a float64 is not supported`);
    default:
      return undefined;
  }
}

function ofInteger(
  value: number,
  verb: string,
  layout: Layout,
  isUnsignedType: boolean,
): string | undefined {
  switch (verb) {
    case "v":
      return layout.notation && isUnsignedType
        ? layouts.integerText(value, "x", { ...layout, sharp: true })
        : layouts.integerText(value, "d", layout);
    case "d":
    case "b":
    case "o":
    case "O":
    case "x":
    case "X":
      return layouts.integerText(value, verb, layout);
    case "c":
      return layouts.characterText(value, layout);
    case "q":
      return layouts.quotedCharacterText(value, layout);
    case "U":
      return layouts.codePointText(value, layout);
    default:
      return undefined;
  }
}
