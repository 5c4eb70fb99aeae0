import { folderOf } from "../model/entry.ts";
import { faults } from "./faults.ts";
import { formatOf, parse } from "./located/parse.ts";
import { type Problem, problemLines } from "./located/problem.ts";
import { plainValue, type Tree } from "./located/tree.ts";

/**
 * Reads keys and values from YAML, JSON or TOML, to render without a keyspace: `/services/web/a: …`, or the same as
 * nested objects. A list becomes JSON. Throws CONFIG_INVALID.
 */
export function readFixture(text: string, name: string): ReadonlyMap<string, string> {
  const problems: Problem[] = [];
  const root = parse({ name, format: formatOf(name), text }, "keys with values", problems);
  const entries = new Map(root ? entriesBelow(root, "", problems) : []);
  if (problems.length > 0) throw faults.CONFIG_INVALID({ lines: problemLines(problems) });
  return entries;
}

function* entriesBelow(tree: Tree, key: string, problems: Problem[]): Generator<[string, string]> {
  if (tree.kind === "object") {
    for (const [name, { value }] of tree.fields) {
      yield* entriesBelow(value, `${key}${folderOf(name)}`, problems);
    }
    return;
  }
  const value = plainValue(tree);
  if (value === null) problems.push({ position: tree.position, message: `${key} has no value` });
  else yield [key, typeof value === "object" ? JSON.stringify(value) : String(value)];
}
