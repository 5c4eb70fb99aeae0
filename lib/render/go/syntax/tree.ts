/** The syntax tree of a Go template. A position (`at`) is an offset in the text of the template. */

/** Text and actions, in their order. */
export type Statements = readonly Statement[];

export type Statement =
  | { readonly kind: "text"; readonly at: number; readonly text: string }
  | { readonly kind: "action"; readonly at: number; readonly pipe: Pipe }
  | Control
  | Invocation
  | { readonly kind: "break" | "continue"; readonly at: number };

/** `{{if}}`, `{{with}}` or `{{range}}`. */
export interface Control {
  readonly kind: "if" | "with" | "range";
  readonly at: number;
  readonly pipe: Pipe;
  readonly body: Statements;
  /** Undefined without an `{{else}}`. */
  readonly otherwise: Statements | undefined;
}

/** `{{template "name" pipe}}`, or the place of a `{{block}}`. */
export interface Invocation {
  readonly kind: "template";
  readonly at: number;
  readonly name: string;
  /** Without one, the dot of the template is nil. */
  readonly pipe: Pipe | undefined;
}

/** `$a, $b := command | command`. */
export interface Pipe {
  readonly kind: "pipe";
  readonly at: number;
  /** The variables that are declared, or assigned to. */
  readonly variables: readonly Variable[];
  readonly assigns: boolean;
  /** At least one. The result of each is the last argument of the next. */
  readonly commands: readonly Command[];
}

/** A value, or a function and its arguments. */
export interface Command {
  readonly at: number;
  readonly head: Operand;
  readonly args: readonly Operand[];
}

export type Operand =
  | { readonly kind: "dot"; readonly at: number }
  | { readonly kind: "nil"; readonly at: number }
  | { readonly kind: "literal"; readonly at: number; readonly value: Literal }
  | { readonly kind: "field"; readonly at: number; readonly names: readonly string[] }
  | VariableUse
  | { readonly kind: "function"; readonly at: number; readonly name: string }
  | Chain
  | Pipe;

/** `$x`, or `$x.name`. */
export interface VariableUse {
  readonly kind: "variable";
  readonly at: number;
  readonly variable: Variable;
  readonly names: readonly string[];
}

/** `(pipe).name`. */
export interface Chain {
  readonly kind: "chain";
  readonly at: number;
  readonly of: Operand;
  readonly names: readonly string[];
}

/** A number is one of Go's `int` or `float64`. */
export type Literal = string | boolean | NumberLiteral;

export type NumberLiteral = { readonly int: number } | { readonly float: number };

/** A variable as it is declared at one place. Parsing adds its assignments as it finds them. */
export interface Variable {
  /** With its `$`. */
  readonly name: string;
  /** The pipe that declares it; undefined for `$` itself. */
  declared: Pipe | undefined;
  /** The pipes that assign to it later. */
  readonly assigned: Pipe[];
  /** What it is given is the items of a list, or their positions. */
  readonly isOfLoop: boolean;
  /** It is declared within parentheses: the rest of the statement sees it. */
  readonly isWithin: boolean;
}

/** The statements of a template, with `$`, which is its dot. */
export interface Definition {
  readonly root: Variable;
  readonly statements: Statements;
}

/** A template file: its own statements, and the templates that it defines. */
export interface GoTree {
  readonly main: Definition;
  readonly defined: ReadonlyMap<string, Definition>;
  /** The names of the templates that are invoked: the file itself may be one of them. */
  readonly invoked: ReadonlySet<string>;
}
