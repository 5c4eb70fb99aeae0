import { type Shape, shapesAt } from "./shape.ts";
import { mapScalars, plain, type Section } from "./tree.ts";

/** Text that came out of the environment as the number or truth value that the schema wants in its place. */
export function coerce(section: Section, shape: Shape): Section {
  const value = plain(section);
  return mapScalars(section, (scalar, path) => {
    if (scalar.written === undefined || typeof scalar.value !== "string") return scalar;
    const types = new Set(shapesAt(shape, value, path).map(({ type }) => type));
    return types.has("string") ? scalar : { ...scalar, value: asOneOf(types, scalar.value) };
  }) as Section;
}

function asOneOf(types: ReadonlySet<string | undefined>, text: string): unknown {
  const isNumber = types.has("number") || types.has("integer");
  if (isNumber && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}
