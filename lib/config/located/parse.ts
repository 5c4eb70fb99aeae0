import { dirname, extname, resolve } from "node:path";
import { readToml } from "./parse-toml.ts";
import { readYaml } from "./parse-yaml.ts";
import type { Problem } from "./problem.ts";
import type { ObjectNode } from "./tree.ts";

export type Format = "yaml" | "json" | "toml";

/** The text of a file. */
export interface SourceText {
  /** The file as messages name it; relative paths in the text are resolved against its folder. */
  readonly name: string;
  readonly format: Format;
  readonly text: string;
}

/** By the extension of the file's name. Any other than `.toml` and `.json` is read as YAML, of which JSON is a subset. */
export function formatOf(file: string): Format {
  const extension = extname(file).toLowerCase();
  return extension === ".toml" ? "toml" : extension === ".json" ? "json" : "yaml";
}

/**
 * Parses one text; its root must be an object. Returns undefined if it cannot be used; then `problems` has been added
 * to. `expected` describes the root for the messages: `keys with values`.
 */
export function parse(
  { name, format, text }: SourceText,
  expected: string,
  problems: Problem[],
): ObjectNode | undefined {
  const folder = dirname(resolve(name));
  const before = problems.length;
  const read = format === "toml" ? readToml : readYaml;
  const tree = read(text, name, folder, problems);
  if (problems.length > before) return undefined;
  if (tree?.kind === "object") return tree;
  const message = tree
    ? `expected ${expected} at the top of the file`
    : `the file is empty: expected ${expected}`;
  problems.push({ position: { name, folder, line: 1, column: 1 }, message });
  return undefined;
}
