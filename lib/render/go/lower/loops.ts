import type { Control, Variable } from "../syntax/tree.ts";
import { type Binding, type Environment, isCell, type Loop, withVariable } from "./environment.ts";
import { internal } from "./internal.ts";
import type { StatementLowering } from "./statements.ts";
import { jumps, uses } from "./within.ts";

type Nodes = readonly hbs.AST.Statement[];

/** Lowers `{{range}}` to `{{#each}}`. A break sets a cell, and an iteration begins with the question whether it is set. */
export class Loops {
  readonly #around: StatementLowering;

  constructor(around: StatementLowering) {
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
      return this.#ending(control, list, environment, environment);
    }
    const name = names.fresh("list");
    const after = seen.reduce<Environment>(
      (inner, one) => withVariable(inner, one, { param: name }),
      environment,
    );
    const loop = this.#ending(control, this.#around.nodes.name(at, name), environment, after);
    return this.#around.let(at, list, name, [loop]);
  }

  /** With the cell that a break sets around it. `after` is the environment of the else. */
  #ending(
    control: Control,
    list: hbs.AST.Expression,
    environment: Environment,
    after: Environment,
  ): hbs.AST.Statement {
    const { at, body } = control;
    const { names } = this.#around;
    const ends = jumps(body, ["break"]) ? names.fresh("ends") : undefined;
    const loop = jumps(body) ? { skips: names.fresh("skips"), ends } : undefined;
    const each = this.#each(control, list, loop, environment, after);
    return ends === undefined ? each : this.#withCell(at, ends, [each]);
  }

  #each(
    control: Control,
    list: hbs.AST.Expression,
    loop: Loop | undefined,
    environment: Environment,
    after: Environment,
  ): hbs.AST.Statement {
    const { at, otherwise } = control;
    const { nodes, names } = this.#around;
    const [item, key] = [names.fresh("item"), names.fresh("key")];
    const inner: Environment = { ...environment, dot: { param: item }, loop };
    const statements = this.#guarded(at, loop, this.#body(control, item, key, inner));
    const program = nodes.program(statements, [item, key]);
    const inverse = otherwise && nodes.program(this.#around.list(otherwise, after));
    const items = nodes.call(at, internal.items, [list]);
    return nodes.block(at, "each", items, program, inverse);
  }

  #guarded(at: number, loop: Loop | undefined, body: Nodes): Nodes {
    if (!loop) return body;
    const { nodes } = this.#around;
    const once = this.#withCell(at, loop.skips, body);
    if (loop.ends === undefined) return [once];
    const condition = nodes.call(at, internal.unset, [nodes.name(at, loop.ends)]);
    return [nodes.block(at, "if", condition, nodes.program([once]))];
  }

  #withCell(at: number, name: string, body: Nodes): hbs.AST.Statement {
    const { nodes } = this.#around;
    return this.#around.let(at, nodes.call(at, internal.cell, []), name, body);
  }

  /** One variable is the item; of two, the first is its position or key. */
  #body(control: Control, item: string, key: string, inner: Environment): Nodes {
    const { pipe, body, at } = control;
    const params = pipe.variables.length === 2 ? [key, item] : [item];
    const given = pipe.variables.map((variable, i) => ({ variable, param: params[i] ?? item }));
    if (!pipe.assigns) return this.#declaring(given, control, inner);
    const sets = given.map(({ variable, param }) =>
      this.#around.assignment(at, variable, this.#around.nodes.name(at, param), inner),
    );
    return [...sets, ...this.#around.list(body, inner)];
  }

  #declaring(given: readonly Given[], control: Control, inner: Environment): Nodes {
    const [first, ...others] = given;
    if (!first) return this.#around.list(control.body, inner);
    const { variable, param } = first;
    const binding: Binding = { param };
    if (!isCell(variable)) {
      return this.#declaring(others, control, withVariable(inner, variable, binding));
    }
    const value = this.#around.nodes.name(control.at, param);
    return [
      this.#around.binding(control.at, variable, value, inner, (environment) =>
        this.#declaring(others, control, environment),
      ),
    ];
  }

  jump(at: number, kind: "break" | "continue", { loop }: Environment): Nodes {
    if (!loop) return [];
    const { nodes } = this.#around;
    const cells = kind === "break" && loop.ends !== undefined ? [loop.ends, loop.skips] : [loop.skips];
    return cells.map((cell) => {
      const set = nodes.call(at, internal.set, [nodes.name(at, cell), nodes.literal(at, true)]);
      return nodes.output(at, nodes.call(at, internal.discard, [set]), false);
    });
  }
}

interface Given {
  readonly variable: Variable;
  readonly param: string;
}
