import type { AST } from "toml-eslint-parser";
import type { Problem } from "./problem.ts";
import {
  childOf,
  type Field,
  type ListNode,
  type ObjectNode,
  type Path,
  type Position,
  type Tree,
} from "./tree.ts";

type PositionOf = (line: number, column: number) => Position;

/**
 * The tree of a TOML document that the parser has accepted. The parser's own conversion to values is not used: it drops
 * positions and keys such as __proto__, and rounds large integers.
 */
export function documentTree(
  document: AST.TOMLTopLevelTable,
  positionOf: PositionOf,
  problems: Problem[],
): ObjectNode {
  const tree = new TomlReader(positionOf, problems).document(document);
  const position = firstBelow(tree, maxDepth);
  if (position) {
    problems.push({ position, message: `nested more than ${maxDepth} levels deep` });
  }
  return tree;
}

/** In levels: the functions that process a tree recurse. */
const maxDepth = 500;

/** The position of the first value that is nested more than `levels` deep. */
function firstBelow(tree: Tree, levels: number): Position | undefined {
  if (levels < 0) return tree.position;
  for (const child of childrenOf(tree)) {
    const position = firstBelow(child, levels - 1);
    if (position) return position;
  }
  return undefined;
}

function childrenOf(tree: Tree): readonly Tree[] {
  if (tree.kind === "object") return [...tree.fields.values()].map(({ value }) => value);
  return tree.kind === "list" ? tree.items : [];
}

/** An object under construction: a later header may add to it. */
interface OpenObject extends ObjectNode {
  readonly fields: Map<string, Field>;
}

interface OpenList extends ListNode {
  readonly items: Tree[];
}

class TomlReader {
  readonly #positionOf: PositionOf;
  readonly #problems: Problem[];

  constructor(positionOf: PositionOf, problems: Problem[]) {
    this.#positionOf = positionOf;
    this.#problems = problems;
  }

  document({ body }: AST.TOMLTopLevelTable): ObjectNode {
    const root = emptyObject(this.#positionOf(1, 1));
    for (const node of body) {
      if (node.type === "TOMLKeyValue") this.#set(root, node);
      else this.#table(root, node);
    }
    return root;
  }

  /** `[a.b]` and `[[a.b]]`: the parser has resolved the indexes of lists of tables. */
  #table(root: OpenObject, node: AST.TOMLTable): void {
    const table = objectAt(root, node.resolvedKey, this.#position(node));
    for (const pair of node.body) this.#set(table, pair);
  }

  /** `key = value`, `a.b.key = value` */
  #set(table: OpenObject, { key, value }: AST.TOMLKeyValue): void {
    const keyPosition = this.#position(key);
    const path = key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value));
    const object = objectAt(table, path.slice(0, -1), keyPosition);
    object.fields.set(path.at(-1) ?? "", { keyPosition, value: this.#value(value) });
  }

  #value(node: AST.TOMLContentNode): Tree {
    const position = this.#position(node);
    if (node.type === "TOMLArray") {
      const items = node.elements.map((element) => this.#value(element));
      return { kind: "list", position, items };
    }
    if (node.type === "TOMLInlineTable") {
      const object = emptyObject(position);
      for (const pair of node.body) this.#set(object, pair);
      return object;
    }
    const digits = "number" in node ? { digits: node.number } : {};
    return { kind: "scalar", position, value: this.#scalar(node, position), ...digits };
  }

  #scalar(node: AST.TOMLValue, position: Position): unknown {
    // A date stays a string, as in YAML.
    if ("datetime" in node) return node.datetime;
    if (node.kind === "integer" && !Number.isSafeInteger(node.value)) {
      const message = "expected an integer between -(2^53 - 1) and 2^53 - 1";
      this.#problems.push({ position, message });
    }
    return node.value;
  }

  #position({ loc: { start } }: AST.HasLocs): Position {
    return this.#positionOf(start.line, start.column + 1);
  }
}

function emptyObject(position: Position): OpenObject {
  return { kind: "object", position, fields: new Map() };
}

/** The object at a path. Missing objects and lists on the way are added, with this position. */
function objectAt(root: OpenObject, path: Path, position: Position): OpenObject {
  let here: Tree = root;
  for (const [i, step] of path.entries()) {
    const child: Tree | undefined = childOf(here, step);
    here = child ?? add(here, step, typeof path[i + 1] === "number", position);
  }
  return here as OpenObject;
}

function add(to: Tree, step: Path[number], isList: boolean, position: Position): Tree {
  const value: OpenList | OpenObject = isList
    ? { kind: "list", position, items: [] }
    : emptyObject(position);
  if (to.kind === "list") (to as OpenList).items.push(value);
  else (to as OpenObject).fields.set(String(step), { keyPosition: position, value });
  return value;
}
