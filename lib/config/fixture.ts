import { folderOf } from "../model/entry.ts";
import { faults } from "./faults.ts";
import { formatOf, parse } from "./located/parse.ts";
import { lines, type Problem } from "./located/problem.ts";
import { plain, type Tree } from "./located/tree.ts";

/**
 * Reads keys and values from YAML, JSON or TOML, for rendering without a keyspace: `/services/web/a: …`,
 * or the same as nested sections. A list is taken as JSON. Throws CONFIG_INVALID.
 */
export function readFixture(text: string, name: string): ReadonlyMap<string, string> {
  const problems: Problem[] = [];
  const section = parse(text, name, formatOf(name), problems);
  const entries = new Map(section ? keysBelow(section, "", problems) : []);
  if (problems.length > 0) throw faults.CONFIG_INVALID({ lines: lines(problems) });
  return entries;
}

function* keysBelow(tree: Tree, key: string, problems: Problem[]): Generator<[string, string]> {
  if (tree.kind === "section") {
    for (const [name, { value }] of tree.fields) {
      yield* keysBelow(value, `${key}${folderOf(name)}`, problems);
    }
    return;
  }
  const value = plain(tree);
  if (value === null) problems.push({ mark: tree.mark, message: `${key} has no value` });
  else yield [key, typeof value === "object" ? JSON.stringify(value) : String(value)];
}
