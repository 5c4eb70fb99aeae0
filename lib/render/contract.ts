import type { Scene } from "./helpers/contract.ts";

/** A file of template source. `name` is what messages call it. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A template and everything it can include. */
export interface Sources {
  readonly main: Source;
  /** By the name that `{{> name}}` uses. */
  readonly partials: ReadonlyMap<string, Source>;
}

/** Says what is wrong with a value in one kind of file, or undefined when it can stand there. */
export type Escape = (text: string) => string | undefined;

/** A template that was read, checked and compiled. */
export interface Template {
  readonly name: string;
  /**
   * The text for what is in the scene, and for nothing else: equal scenes give equal texts. Throws a
   * RENDER_ fault that names template, line and column. Remembers the text of list items that did not
   * change since the last call.
   */
  render(scene: Scene): string;
}

/** Where a `{{…}}` stands. Line and column count from 1. */
export interface Site {
  readonly template: string;
  readonly line: number;
  readonly column: number;
  /** As it is written: `{{instances.address}}`. */
  readonly text: string;
}
