import { formatPosition, type Problem } from "./problem.ts";
import { type Field, formatPath, type ObjectNode, type Path, type Tree } from "./tree.ts";

/** Merges two documents: lists are joined, objects merged key by key; setting a scalar to two values is a problem. */
export function mergeObjects(
  first: ObjectNode,
  second: ObjectNode,
  problems: Problem[],
  path: Path = [],
): ObjectNode {
  const fields = new Map(first.fields);
  for (const [key, field] of second.fields) {
    const before = fields.get(key);
    fields.set(key, before ? mergeFields(before, field, [...path, key], problems) : field);
  }
  return { ...first, fields };
}

function mergeFields(a: Field, b: Field, path: Path, problems: Problem[]): Field {
  const value = mergeValues(a.value, b.value, path, problems);
  if (value) return { ...a, value };
  const other = formatPosition(a.value.position);
  const message = `${formatPath(path)} is set to another value at ${other}: keep one of the two`;
  problems.push({ position: b.value.position, message });
  return a;
}

/** Undefined where the values contradict each other. */
function mergeValues(a: Tree, b: Tree, path: Path, problems: Problem[]): Tree | undefined {
  if (a.kind === "object" && b.kind === "object") return mergeObjects(a, b, problems, path);
  if (a.kind === "list" && b.kind === "list") return { ...a, items: [...a.items, ...b.items] };
  return a.kind === "scalar" && b.kind === "scalar" && a.value === b.value ? a : undefined;
}
