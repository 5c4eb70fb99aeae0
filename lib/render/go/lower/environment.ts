import type { ValueKind } from "../../engine/kinds-of-values.ts";
import type { Pipe, Variable } from "../syntax/tree.ts";

/** What a name of the template stands for in the lowered one. */
export type Binding =
  /** A block parameter with the value. */
  | { readonly param: string; readonly around?: Environment; readonly kind?: ValueKind }
  /** A block parameter with a cell that holds the value. */
  | { readonly cell: string }
  /** The constant or nil that it is declared as. */
  | { readonly constant: Pipe | undefined };

/** The names in sight at a place of the template. */
export interface Environment {
  readonly dot: Binding;
  readonly variables: ReadonlyMap<Variable, Binding>;
  /** The cells of the range around the place, as far as its body has a break or a continue. */
  readonly loop: Loop | undefined;
}

/** The cells that a jump sets. */
export interface Loop {
  /** Set: the rest of the statements is skipped. */
  readonly skips: string;
  readonly break: readonly string[];
  readonly continue: readonly string[];
}

export function withVariable(
  environment: Environment,
  variable: Variable,
  binding: Binding,
): Environment {
  return { ...environment, variables: new Map([...environment.variables, [variable, binding]]) };
}

/** Whether a variable is a cell: it does not keep the value that it is declared with. */
export function isCell({ assigned, isWithin }: Variable): boolean {
  return assigned.length > 0 || isWithin;
}
