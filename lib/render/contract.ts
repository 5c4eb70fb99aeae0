import type { RenderContext } from "./helpers/contract.ts";

/** A template file. `name` identifies it in messages. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A template and the partials that it can include. */
export interface Sources {
  readonly main: Source;
  /** By the name in `{{> name}}`. */
  readonly partials: ReadonlyMap<string, Source>;
}

/** Checks a value for a file format: a clause such as `it contains ";"` if the value is unsafe, else undefined. */
export type Escape = (text: string) => string | undefined;

/** A template, parsed, verified and compiled. */
export interface Template {
  readonly name: string;
  /**
   * The text for a context. It depends on nothing else: equal contexts give equal texts. The text of list items
   * that did not change since the last call is reused. Throws a RENDER_ fault with template, line and column.
   */
  render(context: RenderContext): string;
}

/** The position of a `{{…}}`. Line and column count from 1. */
export interface Site {
  readonly template: string;
  readonly line: number;
  readonly column: number;
  /** The source: `{{instances.address}}`. */
  readonly text: string;
}
