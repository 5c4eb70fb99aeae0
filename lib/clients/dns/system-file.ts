import { readFile } from "node:fs/promises";

/** How long the content of a file counts as current, in milliseconds. */
const freshMs = 1000;

/** A configuration file of the system, parsed. Read again when it is used and was last read some time ago. */
export class SystemFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #now: () => number;
  #text: string | undefined;
  #parsed: T | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<T> | undefined;

  /** `now` returns milliseconds. A file that cannot be read counts as unchanged, and as an empty one at first. */
  constructor(path: string, parse: (text: string) => T, now: () => number) {
    this.#path = path;
    this.#parse = parse;
    this.#now = now;
  }

  /** The same object as long as the text does not change. */
  async read(): Promise<T> {
    if (this.#parsed !== undefined && this.#now() - this.#readMs < freshMs) return this.#parsed;
    this.#reading ??= this.#readAgain();
    return await this.#reading;
  }

  async #readAgain(): Promise<T> {
    const text = await readFile(this.#path, "utf8").catch(() => this.#text ?? "");
    const parsed =
      this.#parsed !== undefined && text === this.#text ? this.#parsed : this.#parse(text);
    this.#text = text;
    this.#parsed = parsed;
    this.#readMs = this.#now();
    this.#reading = undefined;
    return parsed;
  }
}
