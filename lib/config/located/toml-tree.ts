import type { AST } from "toml-eslint-parser";
import type { Problem } from "./problem.ts";
import {
  child,
  type Field,
  type ListNode,
  type Mark,
  type ObjectNode,
  type Path,
  type Tree,
} from "./tree.ts";

type MarkAt = (line: number, column: number) => Mark;

/**
 * The tree of a TOML document that the parser has accepted. Its own conversion to values is not used: it knows no
 * places, loses keys such as __proto__, and rounds large integers.
 */
export function documentTree(
  document: AST.TOMLTopLevelTable,
  markAt: MarkAt,
  problems: Problem[],
): ObjectNode {
  const tree = new Builder(markAt, problems).document(document);
  const mark = tooDeep(tree, deepest);
  if (mark) problems.push({ mark, message: `nested more than ${deepest} levels deep` });
  return tree;
}

/** Everything that handles a tree afterwards recurses. */
const deepest = 500;

/** The place of the first value that lies further in than so many levels. */
function tooDeep(tree: Tree, levels: number): Mark | undefined {
  if (levels < 0) return tree.mark;
  for (const inner of childrenOf(tree)) {
    const mark = tooDeep(inner, levels - 1);
    if (mark) return mark;
  }
  return undefined;
}

function childrenOf(tree: Tree): readonly Tree[] {
  if (tree.kind === "section") return [...tree.fields.values()].map(({ value }) => value);
  return tree.kind === "list" ? tree.items : [];
}

/** A section that is still being filled: a later header may add to it. */
interface OpenSection extends ObjectNode {
  readonly fields: Map<string, Field>;
}

interface OpenList extends ListNode {
  readonly items: Tree[];
}

class Builder {
  readonly #markAt: MarkAt;
  readonly #problems: Problem[];

  constructor(markAt: MarkAt, problems: Problem[]) {
    this.#markAt = markAt;
    this.#problems = problems;
  }

  document({ body }: AST.TOMLTopLevelTable): ObjectNode {
    const root = emptySection(this.#markAt(1, 1));
    for (const node of body) {
      if (node.type === "TOMLKeyValue") this.#set(root, node);
      else this.#table(root, node);
    }
    return root;
  }

  /** `[a.b]` and `[[a.b]]`: the parser has resolved which table of a list is meant. */
  #table(root: OpenSection, node: AST.TOMLTable): void {
    const table = sectionAt(root, node.resolvedKey, this.#mark(node));
    for (const pair of node.body) this.#set(table, pair);
  }

  /** `key = value`, `a.b.key = value` */
  #set(table: OpenSection, { key, value }: AST.TOMLKeyValue): void {
    const mark = this.#mark(key);
    const path = key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value));
    const section = sectionAt(table, path.slice(0, -1), mark);
    section.fields.set(path.at(-1) ?? "", { key: mark, value: this.#value(value) });
  }

  #value(node: AST.TOMLContentNode): Tree {
    const mark = this.#mark(node);
    if (node.type === "TOMLArray") {
      return { kind: "list", mark, items: node.elements.map((element) => this.#value(element)) };
    }
    if (node.type === "TOMLInlineTable") {
      const section = emptySection(mark);
      for (const pair of node.body) this.#set(section, pair);
      return section;
    }
    return { kind: "scalar", mark, value: this.#scalar(node, mark) };
  }

  #scalar(node: AST.TOMLValue, mark: Mark): unknown {
    // A date stays as it is written, as it does in YAML.
    if ("datetime" in node) return node.datetime;
    if (node.kind === "integer" && !Number.isSafeInteger(node.value)) {
      const says = "expected an integer between -(2^53 - 1) and 2^53 - 1";
      this.#problems.push({ mark, message: says });
    }
    return node.value;
  }

  #mark({ loc: { start } }: AST.HasLocs): Mark {
    return this.#markAt(start.line, start.column + 1);
  }
}

function emptySection(mark: Mark): OpenSection {
  return { kind: "section", mark, fields: new Map() };
}

/** The section at a path. Sections and lists that are not there yet are added, with this place. */
function sectionAt(root: OpenSection, path: Path, mark: Mark): OpenSection {
  let here: Tree = root;
  for (const [i, step] of path.entries()) {
    const inner: Tree | undefined = child(here, step);
    here = inner ?? add(here, step, typeof path[i + 1] === "number", mark);
  }
  return here as OpenSection;
}

function add(to: Tree, step: Path[number], isList: boolean, mark: Mark): Tree {
  const value: OpenList | OpenSection = isList
    ? { kind: "list", mark, items: [] }
    : emptySection(mark);
  if (to.kind === "list") (to as OpenList).items.push(value);
  else (to as OpenSection).fields.set(String(step), { key: mark, value });
  return value;
}
