import type { ValueKind } from "../../engine/kinds-of-values.ts";
import type { Control, Statements, Variable } from "../syntax/tree.ts";
import { type Environment, isCell, type Loop, withVariable } from "./environment.ts";
import { internal } from "./internal.ts";
import { kindOf } from "./kind-of.ts";
import type { LoweredStatements, Lowering } from "./lowering.ts";
import { jumps, uses } from "./within.ts";

/** Lowers `{{range}}` to `{{#each}}`. A break sets a cell, and an iteration begins with the question whether it is set. */
export class Loops {
  readonly #around: Lowering;

  constructor(around: Lowering) {
    this.#around = around;
  }

  range(control: Control, environment: Environment): hbs.AST.Statement {
    const { at, pipe } = control;
    const { expressions, names } = this.#around;
    const list = pipe.assigns
      ? expressions.operand(pipe, environment)
      : expressions.value(pipe, environment);
    // An else sees the variables of the range: they are the list then.
    const seen = pipe.assigns ? [] : pipe.variables;
    if (!seen.some((one) => uses(control.otherwise, one))) {
      return this.#ending(control, list, environment, [], "");
    }
    const name = names.fresh("list");
    const loop = this.#ending(control, this.#around.nodes.name(at, name), environment, seen, name);
    return this.#around.let(at, list, name, [loop]);
  }

  /** With the cell that a break sets around it. In the else, the variables in `seen` are the value of `name`. */
  #ending(
    control: Control,
    list: hbs.AST.Expression,
    environment: Environment,
    seen: readonly Variable[],
    name: string,
  ): hbs.AST.Statement {
    const { at, body, otherwise } = control;
    const { names, nodes } = this.#around;
    const ends = jumps(body, ["break"]) ? names.fresh("ends") : undefined;
    const skips = jumps(body) ? names.fresh("skips") : undefined;
    const given = seen.map((variable) => ({ variable, param: name }));
    const inverse = otherwise && nodes.program(this.#otherwise(at, otherwise, given, environment));
    const each = this.#each(control, list, { skips, ends }, environment, inverse);
    return ends === undefined ? each : this.#withCell(at, ends, [each]);
  }

  /** A break ends the else, and a continue the iteration around it. */
  #otherwise(
    at: number,
    statements: Statements,
    given: readonly Given[],
    environment: Environment,
  ): LoweredStatements {
    if (!jumps(statements)) return this.#declaring(at, given, statements, environment);
    const skips = this.#around.names.fresh("skips");
    const inner: Loop = {
      skips,
      break: [skips],
      continue: [...(environment.loop?.continue ?? []), skips],
    };
    const body = this.#declaring(at, given, statements, { ...environment, loop: inner });
    return [this.#withCell(at, skips, body)];
  }

  #each(
    control: Control,
    list: hbs.AST.Expression,
    { skips, ends }: Cells,
    environment: Environment,
    inverse: hbs.AST.Program | undefined,
  ): hbs.AST.Statement {
    const { at } = control;
    const { nodes, names } = this.#around;
    const [item, key] = [names.fresh("item"), names.fresh("key")];
    const loop: Loop | undefined =
      skips === undefined
        ? undefined
        : { skips, break: [skips, ...(ends === undefined ? [] : [ends])], continue: [skips] };
    const dot = { param: item, kind: itemKind(kindOf(control.pipe, environment)) };
    const inner: Environment = { ...environment, dot, loop };
    const body = this.#guarded(at, { skips, ends }, this.#body(control, dot, key, inner));
    const hasTwo = control.pipe.variables.length === 2 ? [nodes.literal(at, true)] : [];
    const items = nodes.call(at, internal.items, [list, ...hasTwo]);
    return nodes.block(at, "each", items, nodes.program(body, [item, key]), inverse);
  }

  #guarded(at: number, { skips, ends }: Cells, body: LoweredStatements): LoweredStatements {
    if (skips === undefined) return body;
    const { nodes } = this.#around;
    const once = this.#withCell(at, skips, body);
    if (ends === undefined) return [once];
    const condition = nodes.call(at, internal.unset, [nodes.name(at, ends)]);
    return [nodes.block(at, "if", condition, nodes.program([once]))];
  }

  #withCell(at: number, name: string, body: LoweredStatements): hbs.AST.Statement {
    const { nodes } = this.#around;
    return this.#around.let(at, nodes.call(at, internal.cell, []), name, body);
  }

  /** One variable is the item; of two, the first is its position or key. */
  #body(control: Control, item: Param, key: string, inner: Environment): LoweredStatements {
    const { pipe, body, at } = control;
    const params: readonly Param[] = pipe.variables.length === 2 ? [{ param: key }, item] : [item];
    const given = pipe.variables.map((variable, i) => ({ variable, ...(params[i] ?? item) }));
    if (!pipe.assigns) return this.#declaring(at, given, body, inner);
    const sets = given.map(({ variable, param }) =>
      this.#around.assignment(at, variable, this.#around.nodes.name(at, param), inner),
    );
    return [...sets, ...this.#around.list(body, inner)];
  }

  /** The statements with the variables that are given a block parameter. */
  #declaring(
    at: number,
    given: readonly Given[],
    statements: Statements,
    environment: Environment,
  ): LoweredStatements {
    const [first, ...others] = given;
    if (!first) return this.#around.list(statements, environment);
    const { variable, param, kind } = first;
    if (!isCell(variable)) {
      const inner = withVariable(environment, variable, { param, kind });
      return this.#declaring(at, others, statements, inner);
    }
    const value = this.#around.nodes.name(at, param);
    const body = (inner: Environment) => this.#declaring(at, others, statements, inner);
    return [this.#around.binding(at, variable, value, environment, body)];
  }

  jump(at: number, kind: "break" | "continue", { loop }: Environment): LoweredStatements {
    const { nodes } = this.#around;
    return (loop?.[kind] ?? []).map((cell) => {
      const set = nodes.call(at, internal.set, [nodes.name(at, cell), nodes.literal(at, true)]);
      return nodes.output(at, nodes.call(at, internal.discard, [set]), false);
    });
  }
}

/** The names of the cells of a range: set to skip the rest of an iteration, and of the range. */
interface Cells {
  readonly skips: string | undefined;
  readonly ends: string | undefined;
}

/** A block parameter, and the kind of its value. */
interface Param {
  readonly param: string;
  readonly kind?: ValueKind;
}

interface Given extends Param {
  readonly variable: Variable;
}

function itemKind(kind: ValueKind): ValueKind {
  return kind && "items" in kind ? kind.items : undefined;
}
