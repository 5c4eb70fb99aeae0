import { type Shape, shapesAt } from "./shape.ts";
import { mapScalars, type ObjectNode, plainValue } from "./tree.ts";

/** Makes a string absolute against a folder. */
export type PathResolver = (text: string, folder: string) => string;

/** Resolves every string that has one of these formats in the schema, against the folder of the file that contains it. */
export function resolvePaths(
  root: ObjectNode,
  shape: Shape,
  resolvers: Readonly<Record<string, PathResolver>>,
): ObjectNode {
  const value = plainValue(root);
  return mapScalars(root, (scalar, path) => {
    const { value: text, position } = scalar;
    if (typeof text !== "string" || text === "") return scalar;
    const formats = shapesAt(shape, value, path).map(({ format = "" }) => format);
    const format = formats.find((name) => Object.hasOwn(resolvers, name)) ?? "";
    return { ...scalar, value: resolvers[format]?.(text, position.folder) ?? text };
  }) as ObjectNode;
}
