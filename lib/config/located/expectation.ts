import { keysOf, type One } from "./shape.ts";

const words: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
};

/** What may stand somewhere: `text or a section with url, ca, cert`. */
export function describeExpectation(shapes: readonly One[]): string {
  const kinds = shapes.map(({ properties }) => properties?.type?.const);
  if (kinds.length > 1 && kinds.every((kind) => kind !== undefined)) {
    return `a section whose type is one of ${kinds.join(", ")}`;
  }
  return [...new Set(shapes.map(inWord))].join(" or ");
}

function inWord(shape: One): string {
  if (shape.enum) return `one of ${shape.enum.join(", ")}`;
  if (shape.const !== undefined) return String(shape.const);
  const keys = keysOf([shape]);
  if (keys.length > 0) return `a section with ${keys.join(", ")}`;
  return words[shape.type ?? ""] ?? "a section";
}
