import type { ValueKind } from "../../engine/kinds-of-values.ts";
import type { Expression } from "../../engine/walk.ts";
import type { Statements, Variable } from "../syntax/tree.ts";
import type { Environment } from "./environment.ts";
import type { ExpressionLowering } from "./expressions.ts";
import type { Nodes } from "./nodes.ts";

/** Statements of Handlebars. */
export type LoweredStatements = readonly hbs.AST.Statement[];

/** Lowers the statements of one file. */
export interface Lowering {
  readonly nodes: Nodes;
  readonly expressions: ExpressionLowering;
  readonly names: Names;
  list(statements: Statements, environment: Environment): LoweredStatements;
  /** A block with a name for a value. */
  let(at: number, value: Expression, name: string, body: LoweredStatements): hbs.AST.Statement;
  /** A block with a variable, which is a cell if it is assigned to. */
  binding(
    at: number,
    variable: Variable,
    value: Expression,
    environment: Environment,
    body: (environment: Environment) => LoweredStatements,
    kind?: ValueKind,
  ): hbs.AST.Statement;
  assignment(
    at: number,
    variable: Variable,
    value: Expression,
    environment: Environment,
  ): hbs.AST.Statement;
}

/** Names for block parameters, each once. */
export class Names {
  #count = 0;

  fresh(name: string): string {
    this.#count += 1;
    return `${name === "$" ? "root" : name.replace("$", "")} ${this.#count}`;
  }
}
