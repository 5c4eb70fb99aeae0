import { type Path, pathText } from "./tree.ts";

/** Offsets into the text. A table's value stands where its header does. */
export interface Place {
  readonly key: number;
  readonly value: number;
}

/**
 * Where each key and list item of a TOML text stands, by path. The library that reads the values does
 * not tell; it has approved the text before, so that what is met here is well-formed.
 */
export function positions(text: string): ReadonlyMap<string, Place> {
  const scanner = new Scanner(text);
  scanner.document();
  return scanner.places;
}

/** White space, line ends, comments and the commas between items. */
const gap = /(?:[\s,]|#[^\n]*)*/y;
const keyPart = /[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([\w-]+))[ \t]*/y;
const string = /"""(?:[^\\]|\\.)*?"{3,5}|'''.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/sy;
const bare = /[^,\]}\n#]*/y;

class Scanner {
  readonly places = new Map<string, Place>();
  readonly #text: string;
  /** How many tables each `[[list]]` has so far, by path. */
  readonly #counts = new Map<string, number>();
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    let table: Path = [];
    for (this.#take(gap); this.#offset < this.#text.length; this.#take(gap)) {
      if (this.#text[this.#offset] === "[") table = this.#header();
      else this.#pair(table);
    }
  }

  #header(): Path {
    const start = this.#offset;
    const isList = this.#text.startsWith("[[", start);
    this.#offset += isList ? 2 : 1;
    const keys = this.#keys();
    this.#offset += isList ? 2 : 1;
    let path: Path = [];
    for (const [i, key] of keys.entries()) {
      path = [...path, key];
      const name = pathText(path);
      this.#note(path, start, start);
      if (isList && i === keys.length - 1) {
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      }
      const count = this.#counts.get(name);
      if (count !== undefined) path = [...path, count - 1];
    }
    this.#note(path, start, start);
    return path;
  }

  #pair(table: Path): void {
    const start = this.#offset;
    const keys = this.#keys();
    this.#offset += 1;
    this.#take(/[ \t]*/y);
    const value = this.#offset;
    for (let i = 1; i <= keys.length; i += 1) {
      const isLast = i === keys.length;
      this.#note([...table, ...keys.slice(0, i)], start, isLast ? value : start);
    }
    this.#value([...table, ...keys]);
  }

  #value(path: Path): void {
    const opening = this.#text[this.#offset];
    if (opening === "[") this.#items((i) => this.#item([...path, i]), "]");
    else if (opening === "{") this.#items(() => this.#pair(path), "}");
    else if (!this.#take(string)) this.#take(bare);
  }

  #items(one: (i: number) => void, closing: string): void {
    this.#offset += 1;
    this.#take(gap);
    for (let i = 0; this.#offset < this.#text.length; i += 1) {
      if (this.#text[this.#offset] === closing) break;
      one(i);
      this.#take(gap);
    }
    this.#offset += 1;
  }

  #item(path: Path): void {
    this.#note(path, this.#offset, this.#offset);
    this.#value(path);
  }

  /** A dotted key: `presence.services`, `"a b".c`. */
  #keys(): readonly string[] {
    const keys: string[] = [];
    for (;;) {
      keyPart.lastIndex = this.#offset;
      const match = keyPart.exec(this.#text);
      if (!match) return keys;
      const [whole, quoted, literal, plainKey] = match;
      this.#offset += whole.length;
      keys.push(quoted === undefined ? (literal ?? plainKey ?? "") : unescaped(quoted));
      if (this.#text[this.#offset] !== ".") return keys;
      this.#offset += 1;
    }
  }

  /** Moves behind what the pattern matches here; whether that was anything. */
  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#offset;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.#offset += length;
    return length > 0;
  }

  #note(path: Path, key: number, value: number): void {
    const name = pathText(path);
    if (!this.places.has(name)) this.places.set(name, { key, value });
  }
}

/** A quoted key with escapes that JSON does not know is not found again: its section's place is shown. */
function unescaped(quoted: string): string {
  try {
    return JSON.parse(`"${quoted}"`);
  } catch {
    return quoted;
  }
}
