import { type Shape, type SingleShape, shapesAt } from "./shape.ts";
import { mapScalars, type ObjectNode, plainValue } from "./tree.ts";

/** Converts strings that came from the environment to the number or boolean that the schema expects at their place. */
export function coerceVariables(root: ObjectNode, shape: Shape): ObjectNode {
  const value = plainValue(root);
  return mapScalars(root, (scalar, path) => {
    const { written, value: text } = scalar;
    if (written === undefined || typeof text !== "string") return scalar;
    return { ...scalar, value: coerce(text, shapesAt(shape, value, path)) };
  }) as ObjectNode;
}

function coerce(text: string, shapes: readonly SingleShape[]): unknown {
  const accepts = (type: string) => shapes.some((shape) => shape.type === type);
  if (shapes.some((shape) => acceptsString(shape, text))) return text;
  const isNumeric = /^-?\d+(\.\d+)?$/.test(text);
  if (isNumeric && (accepts("number") || accepts("integer"))) return Number(text);
  if (accepts("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function acceptsString({ type, pattern }: SingleShape, text: string): boolean {
  return type === "string" && (pattern === undefined || new RegExp(pattern, "u").test(text));
}
