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
import type { Field, Mark, Tree } from "./tree.ts";

/** Reads YAML 1.2, and JSON, which is a part of it. Undefined stands for an empty file. */
export function readYaml(text: string, name: string, folder: string, problems: Problem[]) {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const markAt = (offset: number): Mark => {
    const { line, col } = lineCounter.linePos(offset);
    return { name, folder, line, column: col };
  };
  for (const error of document.errors) {
    problems.push({ mark: markAt(error.pos[0]), message: inOurWords(error.code, error.message) });
  }
  if (document.errors.length > 0 || !document.contents) return undefined;
  return new Reader(document, markAt, problems).tree(document.contents);
}

function inOurWords(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "this key is set twice in one section";
  if (code === "MULTIPLE_DOCS") return "a second document begins here: expected one in each file";
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Turns the library's nodes into ours. An alias is the tree of its anchor, place included. */
class Reader {
  readonly #document: Document;
  readonly #markAt: (offset: number) => Mark;
  readonly #problems: Problem[];
  readonly #known = new Map<Node, Tree>();
  readonly #open = new Set<Node>();

  constructor(document: Document, markAt: (offset: number) => Mark, problems: Problem[]) {
    this.#document = document;
    this.#markAt = markAt;
    this.#problems = problems;
  }

  tree(node: unknown): Tree {
    if (isAlias(node)) {
      const anchor = node.resolve(this.#document);
      if (!anchor) return this.#refused(node, `no anchor &${node.source} stands before this`);
      if (this.#open.has(anchor)) return this.#refused(node, `*${node.source} contains itself`);
      return this.tree(anchor);
    }
    const known = this.#known.get(node as Node);
    if (known) return known;
    this.#open.add(node as Node);
    const tree = this.#convert(node as Node);
    this.#open.delete(node as Node);
    this.#known.set(node as Node, tree);
    return tree;
  }

  #convert(node: Node): Tree {
    const mark = this.#mark(node);
    if (isSeq(node)) {
      return { kind: "list", mark, items: node.items.map((item) => this.tree(item)) };
    }
    if (isMap(node)) return { kind: "section", mark, fields: this.#fields(node) };
    return { kind: "scalar", mark, value: isScalar(node) ? node.value : null };
  }

  #fields(map: YAMLMap): Map<string, Field> {
    const fields = new Map<string, Field>();
    const merged: Tree[] = [];
    for (const { key, value } of map.items) {
      if (!isScalar(key)) {
        this.#refused(key as Node, "expected a name before the colon");
      } else if (key.value === "<<") {
        merged.push(this.tree(value));
      } else {
        const absent: Tree = { kind: "scalar", mark: this.#mark(key), value: null };
        const tree = value === null ? absent : this.tree(value);
        fields.set(String(key.value), { key: this.#mark(key), value: tree });
      }
    }
    for (const tree of merged) fillIn(fields, tree);
    return fields;
  }

  #refused(node: Node, says: string): Tree {
    const mark = this.#mark(node);
    this.#problems.push({ mark, message: says });
    return { kind: "scalar", mark, value: null };
  }

  #mark(node: Node): Mark {
    return this.#markAt(node.range?.[0] ?? 0);
  }
}

/** `<<: *anchor` (or a list of them): what the section does not set itself. */
function fillIn(fields: Map<string, Field>, from: Tree): void {
  if (from.kind === "list") for (const item of from.items) fillIn(fields, item);
  if (from.kind !== "section") return;
  for (const [key, field] of from.fields) if (!fields.has(key)) fields.set(key, field);
}
