import { nearest } from "../../base/nearest.ts";
import type { Env } from "./expand-variables.ts";
import { oldPathOf, type Rename } from "./old-names.ts";
import type { Problem } from "./problem.ts";
import { alternatives, type Shape, shapesBelow } from "./shape.ts";
import {
  childOf,
  type Field,
  type ObjectNode,
  type Path,
  type Position,
  type Tree,
} from "./tree.ts";

/** Environment variables that override settings. */
export interface Overrides {
  /** Begins the name of each variable: `APP_`. */
  readonly prefix: string;
  readonly env: Env;
  /** Whether a variable with the prefix is meant for something else. */
  readonly isIgnored: (name: string) => boolean;
  readonly renames: readonly Rename[];
}

/**
 * Sets each setting that a variable names: with the prefix `APP_`, `APP_LOG_LEVEL` is `log.level` or `logLevel`, and
 * `APP_SERVERS_0_PORT` is the port of the first item of `servers`. A variable with the former name of a setting is a problem,
 * and one that names no setting a warning: it may be for something else.
 */
export function applyOverrides(
  root: ObjectNode,
  shape: Shape,
  { prefix, env, isIgnored, renames }: Overrides,
  problems: Problem[],
  warnings: Problem[],
): ObjectNode {
  let result = root;
  for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(prefix) || text === undefined || isIgnored(name)) continue;
    const position: Position = { name, folder: root.position.folder };
    // Computed for each variable: one that appends to a list makes the next index valid.
    const settings = settingsOf(shape, result);
    const suffix = name.slice(prefix.length);
    const path = settings.get(suffix);
    if (path) {
      const value: Tree = { kind: "scalar", position, value: text, written: text };
      result = withValue(result, path, value) as ObjectNode;
    } else {
      const renamed = renamedTo(suffix, settings, renames);
      if (renamed !== undefined) {
        const message = `this setting was renamed: use ${prefix}${renamed}`;
        problems.push({ position, message });
      } else {
        const guess = nearest(suffix, settings.keys());
        const hint = guess ? `: did you mean ${prefix}${guess}?` : "";
        warnings.push({ position, message: `no setting has this name${hint}` });
      }
    }
  }
  return result;
}

/** The current name of the setting whose former name this is. */
function renamedTo(
  suffix: string,
  settings: ReadonlyMap<string, Path>,
  renames: readonly Rename[],
): string | undefined {
  for (const [current, path] of settings) {
    const oldPath = oldPathOf(path, renames);
    if (oldPath && nameOf(oldPath) === suffix) return current;
  }
  return undefined;
}

/** Every setting that can be overridden, by the name of its variable without the prefix. */
function settingsOf(shape: Shape, root: ObjectNode): ReadonlyMap<string, Path> {
  return new Map([...pathsOf(shape, root, [])].map((path) => [nameOf(path), path]));
}

/** The paths of all scalars of the schema; where it allows any key, with the keys of the document. */
function* pathsOf(shape: Shape, tree: Tree | undefined, path: Path): Generator<Path> {
  for (const each of alternatives(shape)) {
    const steps = stepsInto(each, tree);
    if (!steps) yield path;
    for (const step of steps ?? []) {
      for (const next of shapesBelow(each, step)) {
        yield* pathsOf(next, childOf(tree, step), [...path, step]);
      }
    }
  }
}

/** The keys of an object, or the indexes of a list and the one after its end; undefined for a scalar. */
function stepsInto(shape: Shape, tree: Tree | undefined): readonly Path[number][] | undefined {
  if (shape.items) {
    const length = tree?.kind === "list" ? tree.items.length : 0;
    return Array.from({ length: length + 1 }, (_, i) => i);
  }
  if (shape.type !== "object") return undefined;
  const present = tree?.kind === "object" ? tree.fields.keys() : [];
  return [...new Set([...Object.keys(shape.properties ?? {}), ...present])];
}

/** `servers[0].maxConns` → `SERVERS_0_MAX_CONNS`. */
function nameOf(path: Path): string {
  const words = path.map((step) =>
    String(step)
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .replace(/[^A-Za-z0-9]/g, "_")
      .toUpperCase(),
  );
  return words.join("_");
}

/** The tree with a value at a path; objects and lists on the way are added where they are missing. */
function withValue(tree: Tree | undefined, path: Path, value: Tree): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const position = tree?.position ?? value.position;
  const next = withValue(childOf(tree, step), rest, value);
  if (typeof step === "number") {
    const items = tree?.kind === "list" ? [...tree.items] : [];
    items[step] = next;
    return { kind: "list", position, items };
  }
  const before = tree?.kind === "object" ? tree.fields : new Map<string, Field>();
  const keyPosition = before.get(step)?.keyPosition ?? value.position;
  const fields = new Map(before).set(step, { keyPosition, value: next });
  return { kind: "object", position, fields };
}
