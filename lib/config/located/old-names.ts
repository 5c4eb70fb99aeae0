import type { Problem } from "./problem.ts";
import { formatPath, type ObjectNode, type Path, type Tree } from "./tree.ts";

/** A change of a setting's name. */
export interface Rename {
  /** The objects that contain the setting; `*` stands for any key. */
  readonly within: readonly string[];
  readonly from: string;
  readonly to: string;
}

/** A problem for each old name in a document, at the position of the key. */
export function oldNames(root: ObjectNode, renames: readonly Rename[]): readonly Problem[] {
  return renames.flatMap(({ within, from, to }) =>
    objectsAt(root, within).flatMap(({ path, object }) => {
      const field = object.fields.get(from);
      if (!field) return [];
      const message = `${formatPath([...path, from])} was renamed: use ${formatPath([...path, to])}`;
      return [{ position: field.keyPosition, message }];
    }),
  );
}

/** The path that a setting had under its old name; undefined if it was not renamed. */
export function oldPathOf(path: Path, renames: readonly Rename[]): Path | undefined {
  const parent = path.slice(0, -1);
  const rename = renames.find(({ within, to }) => to === path.at(-1) && matches(parent, within));
  return rename && [...parent, rename.from];
}

function matches(path: Path, pattern: readonly string[]): boolean {
  return (
    path.length === pattern.length &&
    path.every((step, i) => pattern[i] === "*" || pattern[i] === step)
  );
}

/** An object in a document, and its path. */
export interface FoundObject {
  readonly path: Path;
  readonly object: ObjectNode;
}

/** The objects at a path, in which `*` stands for any key. */
export function objectsAt(
  tree: Tree | undefined,
  pattern: readonly string[],
  path: Path = [],
): readonly FoundObject[] {
  if (tree?.kind !== "object") return [];
  const [step, ...rest] = pattern;
  if (step === undefined) return [{ path, object: tree }];
  const keys = step === "*" ? [...tree.fields.keys()] : [step];
  return keys.flatMap((key) => objectsAt(tree.fields.get(key)?.value, rest, [...path, key]));
}
