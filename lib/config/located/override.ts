import { nearest } from "../../base/nearest.ts";
import type { Env } from "./expand.ts";
import type { Problem } from "./problem.ts";
import { alternatives, inner, type Shape } from "./shape.ts";
import { child, type Field, type Mark, type ObjectNode, type Path, type Tree } from "./tree.ts";

/** What Kubernetes sets in every container for a Service that is called `sidekick`: nobody's wish. */
const serviceLink = /^SIDEKICK_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;

const prefix = "SIDEKICK_";

/**
 * Sets the values that `SIDEKICK_…` variables name: `SIDEKICK_WATCH_SETTLE_QUIET` is `watch.settle.quiet`,
 * `SIDEKICK_PRESENCE_SERVICES_0_PORT` the port of the first service. `ignore` has the variables that
 * mean something else.
 */
export function override(
  section: ObjectNode,
  shape: Shape,
  env: Env,
  ignore: readonly string[],
  problems: Problem[],
): ObjectNode {
  let result = section;
  for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(prefix) || text === undefined) continue;
    if (ignore.includes(name) || serviceLink.test(name)) continue;
    const mark: Mark = { name, folder: section.mark.folder };
    // each variable may lengthen a list, and so allow the next one
    const settings = new Map(settingsOf(shape, result, [], []));
    const path = settings.get(name.slice(prefix.length));
    if (path) {
      const value: Tree = { kind: "scalar", mark, value: text, written: text };
      result = withValue(result, path, value) as ObjectNode;
    } else {
      const guess = nearest(name.slice(prefix.length), settings.keys());
      const hint = guess ? `: did you mean ${prefix}${guess}?` : "";
      problems.push({ mark, message: `no setting has this name${hint}` });
    }
  }
  return result;
}

/** Every value that can be set, by its name in the environment: what the schema has, and what is written. */
function* settingsOf(
  shape: Shape,
  tree: Tree | undefined,
  path: Path,
  words: readonly string[],
): Generator<[string, Path]> {
  for (const each of alternatives(shape)) {
    const steps = stepsInto(each, tree);
    if (!steps) yield [words.join("_"), path];
    for (const step of steps ?? []) {
      for (const next of inner(each, step)) {
        yield* settingsOf(next, child(tree, step), [...path, step], [...words, wordFor(step)]);
      }
    }
  }
}

/** What can be set in a section or list: in a list all there is, and one more behind it. */
function stepsInto(shape: Shape, tree: Tree | undefined): readonly Path[number][] | undefined {
  if (shape.items) {
    const length = tree?.kind === "list" ? tree.items.length : 0;
    return Array.from({ length: length + 1 }, (_, i) => i);
  }
  if (shape.type !== "object") return undefined;
  const written = tree?.kind === "section" ? tree.fields.keys() : [];
  return [...new Set([...Object.keys(shape.properties ?? {}), ...written])];
}

/** `atMost` is `AT_MOST`. */
function wordFor(step: Path[number]): string {
  return String(step)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]/g, "_")
    .toUpperCase();
}

function withValue(tree: Tree | undefined, path: Path, value: Tree): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const mark = tree?.mark ?? value.mark;
  const next = withValue(child(tree, step), rest, value);
  if (typeof step === "number") {
    const items = tree?.kind === "list" ? [...tree.items] : [];
    items[step] = next;
    return { kind: "list", mark, items };
  }
  const before = tree?.kind === "section" ? tree.fields : new Map<string, Field>();
  const key = before.get(step)?.key ?? value.mark;
  return { kind: "section", mark, fields: new Map(before).set(step, { key, value: next }) };
}
