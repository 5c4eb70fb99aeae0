/** An element of a response. */
export interface Element {
  readonly name: string;
  /** The text directly in it, without white space at its ends. */
  readonly text: string;
  readonly children: readonly Element[];
}

/** Deeper than any response of AWS. */
const maxDepth = 16;

const attributes = String.raw`(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*`;
const declaration = new RegExp(String.raw`^\uFEFF?\s*(?:<\?xml${attributes}\s*\?>)?\s*`);
const token = new RegExp(String.raw`<(/?)([A-Za-z_][\w:.-]*)${attributes}\s*(/?)>|([^<]+)`, "y");

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/**
 * Reads the XML of a response, a small part of the language: elements, text and the five entities. Attributes are ignored.
 * Returns its root, or the reason why it cannot be read, which includes document types, comments and sections: AWS
 * sends none.
 */
export function readXml(text: string): Element | string {
  const document = new Document();
  token.lastIndex = declaration.exec(text)?.[0].length ?? 0;
  while (token.lastIndex < text.length) {
    const { lastIndex } = token;
    const found = token.exec(text);
    const problem = found ? document.add(found) : "not XML as AWS sends it";
    if (problem) return `${problem} at character ${lastIndex + 1}`;
  }
  return document.end();
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: Element[];
}

/** The elements that have begun. The methods return the reason if something does not fit. */
class Document {
  readonly #root: Open = { name: "", text: "", children: [] };
  readonly #open: Open[] = [];

  add([, isEnd, name = "", isEmpty, characters]: RegExpExecArray): string | undefined {
    if (characters !== undefined) return this.#addText(characters);
    if (isEnd) return isEmpty ? "a tag of two kinds" : this.#close(name);
    if (this.#open.length >= maxDepth) return `more than ${maxDepth} levels`;
    this.#open.push({ name, text: "", children: [] });
    return isEmpty ? this.#close(name) : undefined;
  }

  end(): Element | string {
    const [unclosed] = this.#open;
    if (unclosed) return `<${unclosed.name}> without its end`;
    const [root, another] = this.#root.children;
    return root && !another && !this.#root.text.trim() ? root : "expected one element";
  }

  get #inner(): Open {
    return this.#open.at(-1) ?? this.#root;
  }

  #addText(characters: string): string | undefined {
    const decoded = withoutEntities(characters);
    if (decoded === undefined) return "an unknown entity";
    this.#inner.text += decoded;
    return undefined;
  }

  #close(name: string): string | undefined {
    const ended = this.#open.pop();
    if (ended?.name !== name) return `</${name}> without its beginning`;
    this.#inner.children.push({ ...ended, text: ended.text.trim() });
    return undefined;
  }
}

/** The element at the end of a path of names; undefined if there is none. */
export function at(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  return path.reduce(
    (inner: Element | undefined, name) => inner?.children.find((child) => child.name === name),
    element,
  );
}

/** The text at the end of a path, empty if there is none. */
export function textAt(element: Element, ...path: readonly string[]): string {
  return at(element, ...path)?.text ?? "";
}

/** The `member` elements of the list at the end of a path. */
export function members(element: Element, ...path: readonly string[]): readonly Element[] {
  return at(element, ...path)?.children.filter(({ name }) => name === "member") ?? [];
}

/** The text with its entities replaced; undefined if one is unknown. */
function withoutEntities(text: string): string | undefined {
  if (!text.includes("&")) return text;
  let isKnown = true;
  const decoded = text.replace(/&(?:(\w{1,8});|#(\d{1,7});|#x([\da-fA-F]{1,6});)?/g, (_, ...of) => {
    const [name = "", decimal, hex] = of as (string | undefined)[];
    const code = decimal ? Number(decimal) : Number.parseInt(hex ?? "", 16);
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : entities.get(name);
    if (character === undefined) isKnown = false;
    return character ?? "";
  });
  return isKnown ? decoded : undefined;
}
