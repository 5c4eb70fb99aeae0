import { type Shape, type SingleShape, shapesAt } from "./shape.ts";
import { mapScalars, type ObjectNode, plainValue } from "./tree.ts";

/**
 * Converts strings that came from the environment to the number or boolean that the schema expects at their place. A number
 * becomes the text that it is written as where the schema also accepts a string: as a label `1.10` is not 1.1.
 */
export function coerceScalars(root: ObjectNode, shape: Shape): ObjectNode {
  const value = plainValue(root);
  return mapScalars(root, (scalar, path) => {
    const { written, value: text, digits } = scalar;
    if (digits !== undefined) {
      const shapes = shapesAt(shape, value, path);
      const mayBeEither = accepts(shapes, "string") && accepts(shapes, "number");
      return mayBeEither ? { ...scalar, value: digits } : scalar;
    }
    if (written === undefined || typeof text !== "string") return scalar;
    return { ...scalar, value: coerce(text, shapesAt(shape, value, path)) };
  }) as ObjectNode;
}

function coerce(text: string, shapes: readonly SingleShape[]): unknown {
  if (shapes.some((shape) => acceptsString(shape, text))) return text;
  const isNumeric = /^-?\d+(\.\d+)?$/.test(text);
  if (isNumeric && (accepts(shapes, "number") || accepts(shapes, "integer"))) return Number(text);
  if (accepts(shapes, "boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function accepts(shapes: readonly SingleShape[], type: string): boolean {
  return shapes.some((shape) => shape.type === type);
}

function acceptsString({ type, pattern }: SingleShape, text: string): boolean {
  return type === "string" && (pattern === undefined || new RegExp(pattern, "u").test(text));
}
