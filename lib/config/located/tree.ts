/** Where a value or a key was written: a place in a file, or an environment variable. */
export interface Position {
  /** The file as it was given on the command line, or the name of the variable. */
  readonly name: string;
  /** Counted from 1, as is the column; absent for a variable. */
  readonly line?: number;
  readonly column?: number;
  /** The absolute folder against which relative paths written here are resolved. */
  readonly folder: string;
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly position: Position;
  readonly value: unknown;
  /**
   * Set where the value came from the environment: the text before expansion (`${PORT}`). Such a value is a string
   * until it is coerced to the type that the schema expects, and messages show this text instead of the value.
   */
  readonly written?: string;
  /** The digits of a number as they are written: `1.10`, `007`. */
  readonly digits?: string;
}

export interface ListNode {
  readonly kind: "list";
  readonly position: Position;
  readonly items: readonly Tree[];
}

export interface ObjectNode {
  readonly kind: "object";
  readonly position: Position;
  readonly fields: ReadonlyMap<string, Field>;
}

export interface Field {
  readonly keyPosition: Position;
  readonly value: Tree;
}

/** A document in any of the formats; each value and key has its position. */
export type Tree = ScalarNode | ListNode | ObjectNode;

/** Steps from the root: a string is a key of an object, a number an index of a list. */
export type Path = readonly (string | number)[];

/** The values without their positions, as a schema takes them. */
export function plainValue(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plainValue);
  return Object.fromEntries([...tree.fields].map(([key, { value }]) => [key, plainValue(value)]));
}

/** The node one step below; undefined where there is none. */
export function childOf(tree: Tree | undefined, step: Path[number]): Tree | undefined {
  if (tree?.kind === "list") return tree.items[Number(step)];
  return tree?.kind === "object" ? tree.fields.get(String(step))?.value : undefined;
}

/** The node at a path; undefined where there is none. */
export function nodeAt(tree: Tree, path: Path): Tree | undefined {
  let here: Tree | undefined = tree;
  for (const step of path) here = childOf(here, step);
  return here;
}

/** The position of the value at a path; where there is none, that of the nearest node around it. */
export function positionAt(tree: Tree, path: Path): Position {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(tree, path.slice(0, length));
    if (node) return node.position;
  }
  return tree.position;
}

/** The position of the key at a path, not of its value. */
export function keyPositionAt(tree: Tree, path: Path): Position {
  const parent = nodeAt(tree, path.slice(0, -1));
  const field = parent?.kind === "object" ? parent.fields.get(String(path.at(-1))) : undefined;
  return field?.keyPosition ?? positionAt(tree, path);
}

/** The same tree with every scalar replaced by the result of `change`. */
export function mapScalars(
  tree: Tree,
  change: (scalar: ScalarNode, path: Path) => ScalarNode,
  path: Path = [],
): Tree {
  if (tree.kind === "scalar") return change(tree, path);
  if (tree.kind === "list") {
    return { ...tree, items: tree.items.map((item, i) => mapScalars(item, change, [...path, i])) };
  }
  const fields = [...tree.fields].map(([key, field]): [string, Field] => [
    key,
    { ...field, value: mapScalars(field.value, change, [...path, key]) },
  ]);
  return { ...tree, fields: new Map(fields) };
}

/** A path for people: `servers[0].labels["a.b"]`. */
export function formatPath(path: Path): string {
  const parts = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return parts.join("").replace(/^\./, "");
}
