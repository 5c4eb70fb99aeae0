import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Problem } from "./problem.ts";
import type { Field, Position, Tree } from "./tree.ts";

/** Parses YAML 1.2, of which JSON is a subset. Undefined if the file is empty or has syntax errors. */
export function readYaml(
  text: string,
  name: string,
  folder: string,
  problems: Problem[],
): Tree | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const positionOf = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { name, folder, line, column: col };
  };
  for (const { code, message, pos } of document.errors) {
    problems.push({ position: positionOf(pos[0]), message: messageOf(code, message) });
  }
  if (document.errors.length > 0 || !document.contents) return undefined;
  return new YamlReader(positionOf, problems).tree(document.contents);
}

function messageOf(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "this key is set twice in one object";
  if (code === "MULTIPLE_DOCS") return "a second document begins here: expected one in each file";
  if (/call stack|stack overflow/i.test(message)) return "the file is nested too deeply";
  return message.charAt(0).toLowerCase() + message.slice(1);
}

type ScalarOrCollection = Scalar | YAMLMap | YAMLSeq;

/** The most values that the aliases of a file may stand for: a few nested ones can stand for more than any memory holds. */
const mostAliased = 100_000;

/** Converts the library's nodes. An alias yields the tree of its anchor, with the anchor's positions. */
class YamlReader {
  readonly #positionOf: (offset: number) => Position;
  readonly #problems: Problem[];
  readonly #converted = new Map<Node, Tree>();
  /** The nodes being converted, to detect an alias within its own anchor. */
  readonly #open = new Set<Node>();
  /** By name, the last node with this anchor so far: names may be given again. */
  readonly #anchors = new Map<string, Node>();
  /** How many values a tree has, aliases included. */
  readonly #sizes = new Map<Tree, number>();
  /** How many values the aliases so far stand for. */
  #aliased = 0;

  constructor(positionOf: (offset: number) => Position, problems: Problem[]) {
    this.#positionOf = positionOf;
    this.#problems = problems;
  }

  tree(node: unknown): Tree {
    if (isAlias(node)) return this.#aliasTree(node);
    const { anchor } = node as ScalarOrCollection;
    if (anchor !== undefined) this.#anchors.set(anchor, node as Node);
    const known = this.#converted.get(node as Node);
    if (known) return known;
    this.#open.add(node as Node);
    const tree = this.#convert(node as Node);
    this.#open.delete(node as Node);
    this.#converted.set(node as Node, tree);
    this.#sizes.set(tree, this.#sizeOf(tree));
    return tree;
  }

  #aliasTree(node: Alias): Tree {
    const anchor = this.#anchors.get(node.source);
    if (!anchor) return this.#invalid(node, `no anchor &${node.source} stands before this`);
    if (this.#open.has(anchor)) return this.#invalid(node, `*${node.source} contains itself`);
    const tree = this.tree(anchor);
    const isTooMuch = this.#aliased > mostAliased;
    this.#aliased += this.#sizes.get(tree) ?? 1;
    if (this.#aliased <= mostAliased) return tree;
    const position = this.#position(node);
    const message = `the aliases up to here stand for more than ${mostAliased} values`;
    // One problem, not one for each of the further aliases.
    return isTooMuch ? { kind: "scalar", position, value: null } : this.#invalid(node, message);
  }

  /** From the sizes of its parts, which are known: an alias makes the same part occur many times. */
  #sizeOf(tree: Tree): number {
    if (tree.kind === "scalar") return 1;
    const parts = tree.kind === "list" ? tree.items : tree.fields.values().map((one) => one.value);
    let size = 1;
    for (const part of parts) size += this.#sizes.get(part) ?? 1;
    return size;
  }

  #convert(node: Node): Tree {
    const position = this.#position(node);
    if (isSeq(node)) {
      return { kind: "list", position, items: node.items.map((item) => this.tree(item)) };
    }
    if (isMap(node)) return { kind: "object", position, fields: this.#fields(node) };
    if (!isScalar(node)) return { kind: "scalar", position, value: null };
    const { value, source } = node;
    const isNumber = typeof value === "number" && source !== undefined;
    return { kind: "scalar", position, value, ...(isNumber && { digits: source }) };
  }

  #fields(map: YAMLMap): Map<string, Field> {
    const fields = new Map<string, Field>();
    const merged: Tree[] = [];
    for (const { key, value } of map.items) {
      if (isScalar(key) && key.anchor !== undefined) this.#anchors.set(key.anchor, key);
      if (!isScalar(key)) {
        this.#invalid(key as Node, "expected a name before the colon");
      } else if (key.value === "<<") {
        merged.push(this.tree(value));
      } else {
        const keyPosition = this.#position(key);
        const absent: Tree = { kind: "scalar", position: keyPosition, value: null };
        const tree = value === null ? absent : this.tree(value);
        fields.set(String(key.value), { keyPosition, value: tree });
      }
    }
    for (const tree of merged) addMissing(fields, tree);
    return fields;
  }

  #invalid(node: Node, message: string): Tree {
    const position = this.#position(node);
    this.#problems.push({ position, message });
    return { kind: "scalar", position, value: null };
  }

  #position(node: Node): Position {
    return this.#positionOf(node.range?.[0] ?? 0);
  }
}

/** A merge key, `<<: *anchor` or a list of anchors: adds the fields that the object does not set itself. */
function addMissing(fields: Map<string, Field>, from: Tree): void {
  if (from.kind === "list") for (const item of from.items) addMissing(fields, item);
  if (from.kind !== "object") return;
  for (const [key, field] of from.fields) if (!fields.has(key)) fields.set(key, field);
}
