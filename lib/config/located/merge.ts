import { type Problem, place } from "./problem.ts";
import { type Field, type ObjectNode, type Path, pathText, type Tree } from "./tree.ts";

/** Several files as one: lists are joined, sections filled from both; a value may be set only once. */
export function merge(
  first: ObjectNode,
  second: ObjectNode,
  problems: Problem[],
  path: Path = [],
): ObjectNode {
  const fields = new Map(first.fields);
  for (const [key, field] of second.fields) {
    const before = fields.get(key);
    fields.set(key, before ? joined(before, field, [...path, key], problems) : field);
  }
  return { ...first, fields };
}

function joined(a: Field, b: Field, path: Path, problems: Problem[]): Field {
  const value = both(a.value, b.value, path, problems);
  if (value) return { ...a, value };
  const says = `${pathText(path)} is set to something else at ${place(a.value.mark)}: keep one of the two`;
  problems.push({ mark: b.value.mark, message: says });
  return a;
}

function both(a: Tree, b: Tree, path: Path, problems: Problem[]): Tree | undefined {
  if (a.kind === "section" && b.kind === "section") return merge(a, b, problems, path);
  if (a.kind === "list" && b.kind === "list") return { ...a, items: [...a.items, ...b.items] };
  return a.kind === "scalar" && b.kind === "scalar" && a.value === b.value ? a : undefined;
}
