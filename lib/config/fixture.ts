import { folderOf } from "../model/entry.ts";
import { faults } from "./faults.ts";
import { formatOf, parse } from "./located/parse.ts";
import { type Problem, problemLines } from "./located/problem.ts";
import { type ObjectNode, plainValue, type Tree } from "./located/tree.ts";

/**
 * Reads keys and values from YAML, JSON or TOML, to render without a keyspace. A name that begins with a slash is a whole key,
 * and a list or an object is its value in JSON: `/services/web/a: { host: …, port: … }`. A name without a slash is a folder.
 * Throws CONFIG_INVALID.
 */
export function readFixture(text: string, name: string): ReadonlyMap<string, string> {
  const problems: Problem[] = [];
  const root = parse({ name, format: formatOf(name), text }, "keys with values", problems);
  const entries = new Map(root ? entriesIn(root, "", problems) : []);
  if (problems.length > 0) throw faults.CONFIG_INVALID({ lines: problemLines(problems) });
  return entries;
}

function* entriesIn(
  { fields }: ObjectNode,
  folder: string,
  problems: Problem[],
): Generator<[string, string]> {
  for (const [name, { value }] of fields) {
    const key = `${folder}${folderOf(name)}`;
    if (value.kind === "object" && isFolder(name, value)) yield* entriesIn(value, key, problems);
    else yield* entryOf(key, value, problems);
  }
}

/** An object whose names are keys, too, is the folder of these. */
function isFolder(name: string, { fields }: ObjectNode): boolean {
  return !name.startsWith("/") || [...fields.keys()].every((below) => below.startsWith("/"));
}

function* entryOf(key: string, tree: Tree, problems: Problem[]): Generator<[string, string]> {
  const value = plainValue(tree);
  if (value === null) problems.push({ position: tree.position, message: `${key} has no value` });
  else if (tree.kind === "scalar") yield [key, tree.digits ?? String(value)];
  else yield [key, JSON.stringify(value)];
}
