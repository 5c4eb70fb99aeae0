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
  /** Whether its text depends on the keyspace and the environment alone, readings of which are recorded. */
  readonly isRecorded: boolean;
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

/**
 * A module that makes the text of a file, as a template does. It is for a format whose text depends on the previous one: on
 * numbers that servers keep, and on servers that have disappeared.
 */
export interface Generator<Input, State> {
  readonly name: string;
  /**
   * The state that a text of the file has at `nowMs`; `before` is an earlier one, of the same text or of the one before it.
   * Called with the present text of the target before each generation.
   */
  recall(text: string, nowMs: number, before?: State): State;
  /**
   * The text for an input. It depends on nothing else: equal arguments give equal texts, and a text is generated again from
   * its own state. Undefined is the state of a file that does not exist.
   */
  generate(input: Input, state: State | undefined, nowMs: number): Generated;
}

/** A text, and the parts of the input that it lacks. */
export interface Generated {
  readonly text: string;
  readonly omitted: readonly Omission[];
}

/** A part of an input that a generated text lacks. */
export interface Omission {
  /** `web/web-1_10.0.0.1:80`, or the key of its entry */
  readonly subject: string;
  /** A clause. */
  readonly why: string;
  /** The text has the subject, but not everything of it. */
  readonly isPartial: boolean;
}
