import { type One, type Shape, shapesAt } from "./shape.ts";
import { mapScalars, type ObjectNode, plain } from "./tree.ts";

/** Text that came out of the environment as the number or truth value that the schema wants in its place. */
export function coerce(section: ObjectNode, shape: Shape): ObjectNode {
  const value = plain(section);
  return mapScalars(section, (scalar, path) => {
    const { written, value: text } = scalar;
    if (written === undefined || typeof text !== "string") return scalar;
    return { ...scalar, value: asWanted(text, shapesAt(shape, value, path)) };
  }) as ObjectNode;
}

function asWanted(text: string, shapes: readonly One[]): unknown {
  const wants = (type: string) => shapes.some((shape) => shape.type === type);
  if (shapes.some((shape) => isText(text, shape))) return text;
  if ((wants("number") || wants("integer")) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (wants("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function isText(text: string, { type, pattern }: One): boolean {
  return type === "string" && (pattern === undefined || new RegExp(pattern, "u").test(text));
}
