import type { Fault } from "../base/fault.ts";
import type { RenderContext } from "./helpers/contract.ts";

/** A template file. `name` identifies it in messages. */
export interface Source {
  readonly name: string;
  readonly text: string;
  /** Handlebars by default. */
  readonly language?: Language;
}

/** What a template is written in: Handlebars, or the text/template of Go. */
export type Language = "handlebars" | "go";

/** A template and the partials that it can include. */
export interface Sources {
  readonly main: Source;
  /** By the name in `{{> name}}`. */
  readonly partials: ReadonlyMap<string, Source>;
}

/** Checks a value for a file format: a clause such as `it contains ";"` if the value is unsafe, else undefined. */
export type Escape = (text: string) => string | undefined;

/** The format of the rendered file, with the check of its values. */
export interface EscapeFormat {
  readonly name: string;
  readonly escape: Escape;
}

/** A template, parsed, verified and compiled. */
export interface Template {
  readonly name: string;
  /** Whether its text depends on the keyspace. */
  readonly readsKeyspace: boolean;
  /**
   * The text for a context. It depends on nothing else: equal contexts give equal texts. The text of list items
   * that did not change since the last call is reused. Throws a RENDER_ fault with template, line, column and key.
   *
   * With `onRejected`, a fault of an item that a list of the keyspace has (services, instances, gets, getvs, ls) is
   * handed to it, and the text lacks the item.
   */
  render(context: RenderContext, onRejected?: (rejection: Rejection) => void): string;
}

/** An item of a list that cannot be rendered. */
export interface Rejection {
  /** The keys or folders that it stands for. */
  readonly paths: readonly string[];
  readonly fault: Fault;
}

/** The position of a `{{…}}`. Line and column count from 1. */
export interface Site {
  readonly template: string;
  readonly line: number;
  readonly column: number;
  /** The source: `{{instances.address}}`. */
  readonly text: string;
}
