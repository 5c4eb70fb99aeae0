/** Where something was written: a place in a file, or an environment variable. */
export interface Mark {
  /** The file as it was named, or the variable. */
  readonly name: string;
  /** Counted from 1, as is the column; absent for a variable. */
  readonly line?: number;
  readonly column?: number;
  /** The absolute folder that relative paths written here start from. */
  readonly folder: string;
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly mark: Mark;
  readonly value: unknown;
  /**
   * Set where the value came out of the environment: how it was written (`${PORT}`). Such a value is
   * text whose type is for the schema to decide, and messages show what was written in its stead.
   */
  readonly written?: string;
}

export interface ListNode {
  readonly kind: "list";
  readonly mark: Mark;
  readonly items: readonly Tree[];
}

export interface ObjectNode {
  readonly kind: "section";
  readonly mark: Mark;
  readonly fields: ReadonlyMap<string, Field>;
}

export interface Field {
  /** Where the key stands. */
  readonly key: Mark;
  readonly value: Tree;
}

/** A configuration as it was written, whatever the format: each value knows its place. */
export type Tree = ScalarNode | ListNode | ObjectNode;

export type Path = readonly (string | number)[];

/** The values alone, as the schema takes them. */
export function plain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.fields].map(([key, { value }]) => [key, plain(value)]));
}

/** What stands one step further in. */
export function child(tree: Tree | undefined, step: Path[number]): Tree | undefined {
  if (tree?.kind === "list") return tree.items[Number(step)];
  return tree?.kind === "section" ? tree.fields.get(String(step))?.value : undefined;
}

/** What stands at a path; undefined where nothing does. */
export function find(tree: Tree, path: Path): Tree | undefined {
  let here: Tree | undefined = tree;
  for (const step of path) here = child(here, step);
  return here;
}

/** The place of the value at a path, or of the nearest section around it where there is none. */
export function markAt(tree: Tree, path: Path): Mark {
  for (let length = path.length; length > 0; length -= 1) {
    const found = find(tree, path.slice(0, length));
    if (found) return found.mark;
  }
  return tree.mark;
}

/** The place of a key itself. */
export function keyMarkAt(tree: Tree, path: Path): Mark {
  const parent = find(tree, path.slice(0, -1));
  const field = parent?.kind === "section" ? parent.fields.get(String(path.at(-1))) : undefined;
  return field?.key ?? markAt(tree, path);
}

/** The same tree with every scalar replaced by what `change` makes of it. */
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

/** `presence.services[0].labels["a.b"]`. */
export function pathText(path: Path): string {
  const parts = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return parts.join("").replace(/^\./, "");
}
