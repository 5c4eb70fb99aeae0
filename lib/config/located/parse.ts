import { dirname, extname, resolve } from "node:path";
import type { Problem } from "./problem.ts";
import { readToml } from "./toml.ts";
import type { ObjectNode } from "./tree.ts";
import { readYaml } from "./yaml.ts";

export type Format = "yaml" | "json" | "toml";

/** By the end of the file's name; what says nothing is read as YAML, which JSON is a part of. */
export function formatOf(file: string): Format {
  const end = extname(file).toLowerCase();
  return end === ".toml" ? "toml" : end === ".json" ? "json" : "yaml";
}

/** Reads one text. Undefined where it is no configuration at all: then the problems say why. */
export function parse(
  text: string,
  name: string,
  format: Format,
  problems: Problem[],
): ObjectNode | undefined {
  const folder = dirname(resolve(name));
  const found = problems.length;
  const read = format === "toml" ? readToml : readYaml;
  const tree = read(text, name, folder, problems);
  if (problems.length > found) return undefined;
  if (tree?.kind === "section") return tree;
  const says = tree
    ? "expected names with values at the top of the file, such as presence: or watch:"
    : "the file is empty: expected names with values, such as presence: or watch:";
  problems.push({ mark: { name, folder, line: 1, column: 1 }, message: says });
  return undefined;
}
