import { resolve } from "node:path";
import { Fault } from "../../base/fault.ts";
import { resolveKeyspaceUrl } from "../../keyspace/url.ts";
import { type Shape, shapesAt } from "./shape.ts";
import { mapScalars, type ObjectNode, plain } from "./tree.ts";

/** Every value that the schema calls a path, as it is seen from the folder of the file that names it. */
export function resolvePaths(section: ObjectNode, shape: Shape): ObjectNode {
  const value = plain(section);
  return mapScalars(section, (scalar, path) => {
    const { value: text, mark } = scalar;
    if (typeof text !== "string" || text === "") return scalar;
    const formats = shapesAt(shape, value, path).map(({ format }) => format);
    if (formats.includes("path")) return { ...scalar, value: resolve(mark.folder, text) };
    return formats.includes("keyspace") ? { ...scalar, value: seen(text, mark.folder) } : scalar;
  }) as ObjectNode;
}

/** A URL that makes no sense stays as it is: the schema says what is wrong with it. */
function seen(url: string, folder: string): string {
  try {
    return resolveKeyspaceUrl(url, folder);
  } catch (error) {
    if (error instanceof Fault) return url;
    throw error;
  }
}
