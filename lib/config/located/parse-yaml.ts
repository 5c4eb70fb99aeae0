import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
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
  return new YamlReader(document, positionOf, problems).tree(document.contents);
}

function messageOf(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "this key is set twice in one object";
  if (code === "MULTIPLE_DOCS") return "a second document begins here: expected one in each file";
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Converts the library's nodes. An alias yields the tree of its anchor, with the anchor's positions. */
class YamlReader {
  readonly #document: Document;
  readonly #positionOf: (offset: number) => Position;
  readonly #problems: Problem[];
  readonly #converted = new Map<Node, Tree>();
  /** The nodes being converted, to detect an alias within its own anchor. */
  readonly #open = new Set<Node>();

  constructor(document: Document, positionOf: (offset: number) => Position, problems: Problem[]) {
    this.#document = document;
    this.#positionOf = positionOf;
    this.#problems = problems;
  }

  tree(node: unknown): Tree {
    if (isAlias(node)) {
      const anchor = node.resolve(this.#document);
      if (!anchor) return this.#invalid(node, `no anchor &${node.source} stands before this`);
      if (this.#open.has(anchor)) return this.#invalid(node, `*${node.source} contains itself`);
      return this.tree(anchor);
    }
    const known = this.#converted.get(node as Node);
    if (known) return known;
    this.#open.add(node as Node);
    const tree = this.#convert(node as Node);
    this.#open.delete(node as Node);
    this.#converted.set(node as Node, tree);
    return tree;
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
