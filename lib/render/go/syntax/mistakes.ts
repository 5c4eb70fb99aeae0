import type { Fault } from "../../../base/fault.ts";
import { nearest } from "../../../base/nearest.ts";
import type { Source } from "../../contract.ts";
import type { Finding } from "../../engine/findings.ts";
import { faults } from "../../faults.ts";

/** A place of a template. Line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A mistake after which the rest of the template cannot be read. */
export class Unreadable extends Error {
  readonly at: number;

  constructor(at: number, problem: string) {
    super(problem);
    this.at = at;
  }
}

/** The lines of a template, and the mistakes that are found in it. */
export class Mistakes {
  readonly found: Finding[] = [];
  readonly #source: Source;
  readonly #lineStarts: readonly number[];

  constructor(source: Source) {
    this.#source = source;
    this.#lineStarts = [0, ...[...source.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  placeOf(offset: number): Place {
    let [low, high] = [0, this.#lineStarts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  /** The text is not a template of Go, or Go fails whenever it renders the place. */
  syntax(offset: number, problem: string): void {
    const at = { template: this.#source.name, ...this.placeOf(offset) };
    this.#add(at, faults.RENDER_SYNTAX({ ...at, problem }));
  }

  /** A function, a variable or a template that does not exist. */
  unknown(offset: number, what: string, name: string, known: Iterable<string>): void {
    const at = { template: this.#source.name, ...this.placeOf(offset) };
    const site = { ...at, text: name };
    const guess = nearest(name, known);
    this.#add(at, faults.RENDER_UNKNOWN_NAME({ site, what, name, nearest: guess }));
  }

  #add(at: Finding["at"], fault: Fault): void {
    this.found.push({ at, fault });
  }
}
