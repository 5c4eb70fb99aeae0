import { keysOf, type SingleShape } from "./shape.ts";

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "an integer",
  boolean: "a boolean",
  array: "a list",
};

/** The values that shapes accept, for people: `a string or an object with url, ca, cert`. */
export function describeExpectation(shapes: readonly SingleShape[]): string {
  const kinds = shapes.map(({ properties }) => properties?.type?.const);
  if (kinds.length > 1 && kinds.every((kind) => kind !== undefined)) {
    return `an object with one of the types ${kinds.join(", ")}`;
  }
  return [...new Set(shapes.map(describeShape))].join(" or ");
}

function describeShape(shape: SingleShape): string {
  if (shape.enum) return `one of ${shape.enum.join(", ")}`;
  if (shape.const !== undefined) return String(shape.const);
  const keys = keysOf([shape]);
  if (keys.length > 0) return `an object with ${keys.join(", ")}`;
  return typeNames[shape.type ?? ""] ?? "an object";
}
