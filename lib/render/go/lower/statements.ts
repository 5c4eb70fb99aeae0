import { inserted } from "../../engine/instrument.ts";
import type { ValueKind } from "../../engine/kinds-of-values.ts";
import { type Expression, isCall } from "../../engine/walk.ts";
import { isBoolean } from "../kinds.ts";
import type { Control, Pipe, Statement, Statements, Variable } from "../syntax/tree.ts";
import { type ComposedPart, partsOf } from "./authored.ts";
import { type Binding, type Environment, isCell, withVariable } from "./environment.ts";
import { ExpressionLowering } from "./expressions.ts";
import { internal } from "./internal.ts";
import { kindOf } from "./kind-of.ts";
import { Loops } from "./loops.ts";
import { type LoweredStatements, type Lowering, Names } from "./lowering.ts";
import type { Nodes } from "./nodes.ts";
import { declaredWithin, jumps } from "./within.ts";

/** The function that writes a value unchecked. */
const unchecked = "unchecked";

/** Lowers statements. What follows on a declaration stands within the block that binds the variable. */
export class StatementLowering implements Lowering {
  readonly nodes: Nodes;
  readonly expressions: ExpressionLowering;
  readonly names = new Names();
  readonly #partialOf: (template: string) => string;
  readonly #loops: Loops;

  constructor(nodes: Nodes, partialOf: (template: string) => string) {
    this.nodes = nodes;
    this.expressions = new ExpressionLowering(nodes);
    this.#partialOf = partialOf;
    this.#loops = new Loops(this);
  }

  list(statements: Statements, environment: Environment): LoweredStatements {
    const out: hbs.AST.Statement[] = [];
    for (const [index, statement] of statements.entries()) {
      const rest = statements.slice(index + 1);
      const [hidden, ...others] = declaredWithin(statement).filter(
        (one) => !environment.variables.has(one),
      );
      if (hidden) {
        const from = [statement, ...rest];
        return [...out, ...this.#hoisted([hidden, ...others], from, environment)];
      }
      const declared = this.#declaration(statement);
      if (declared) return [...out, ...this.#declared(declared, rest, environment)];
      out.push(...this.#statement(statement, environment));
      if (!environment.loop || !jumps([statement])) continue;
      if (rest.length > 0) out.push(this.#unlessSkipped(rest, environment, environment.loop.skips));
      return out;
    }
    return out;
  }

  /** The variable and the pipe of an action such as `{{$x := 1}}`. */
  #declaration(statement: Statement): Pipe | undefined {
    if (statement.kind !== "action") return undefined;
    const { pipe } = statement;
    return pipe.variables.length > 0 && !pipe.assigns ? pipe : undefined;
  }

  #declared(pipe: Pipe, rest: Statements, environment: Environment): LoweredStatements {
    const [variable] = pipe.variables as readonly [Variable];
    if (isConstant(pipe, variable)) {
      return this.list(rest, withVariable(environment, variable, { constant: pipe }));
    }
    const value = this.expressions.value(pipe, environment);
    const kind = kindOf(pipe, environment);
    const body = (inner: Environment) => this.list(rest, inner);
    return [this.binding(pipe.at, variable, value, environment, body, kind)];
  }

  /** Variables that are declared within parentheses: cells, which are empty until then. */
  #hoisted(
    variables: readonly Variable[],
    from: Statements,
    environment: Environment,
  ): LoweredStatements {
    const [first, ...others] = variables;
    if (!first) return this.list(from, environment);
    const at = first.declared?.at ?? 0;
    const cell = this.names.fresh(first.name);
    const inner = withVariable(environment, first, { cell });
    return [
      this.let(
        at,
        this.nodes.call(at, internal.cell, []),
        cell,
        this.#hoisted(others, from, inner),
      ),
    ];
  }

  /** A block with a variable. */
  binding(
    at: number,
    variable: Variable,
    value: Expression,
    environment: Environment,
    body: (environment: Environment) => LoweredStatements,
    kind?: ValueKind,
  ): hbs.AST.Statement {
    const name = this.names.fresh(variable.name);
    const binding: Binding = isCell(variable)
      ? { cell: name }
      : { param: name, around: environment, kind };
    const held = isCell(variable) ? this.nodes.call(at, internal.cell, [value]) : value;
    return this.let(at, held, name, body(withVariable(environment, variable, binding)));
  }

  let(at: number, value: Expression, name: string, body: LoweredStatements): hbs.AST.Statement {
    return this.nodes.block(at, inserted.let, value, this.nodes.program(body, [name]));
  }

  #unlessSkipped(rest: Statements, environment: Environment, cell: string): hbs.AST.Statement {
    const at = rest[0]?.at ?? 0;
    const condition = this.nodes.call(at, internal.unset, [this.nodes.name(at, cell)]);
    return this.nodes.block(at, "if", condition, this.nodes.program(this.list(rest, environment)));
  }

  #statement(statement: Statement, environment: Environment): LoweredStatements {
    const { at } = statement;
    switch (statement.kind) {
      case "text":
        return [this.nodes.text(at, statement.text)];
      case "action":
        return [this.#action(at, statement.pipe, environment)];
      case "break":
      case "continue":
        return this.#loops.jump(at, statement.kind, environment);
      case "range":
        return [this.#loops.range(statement, environment)];
      case "template": {
        const { pipe } = statement;
        const dot = pipe
          ? this.expressions.operand(pipe, environment)
          : this.nodes.literal(at, undefined);
        return [this.nodes.partial(at, this.#partialOf(statement.name), dot)];
      }
      default:
        return [this.#conditional(statement, environment)];
    }
  }

  /** An assignment, or a value to write. */
  #action(at: number, pipe: Pipe, environment: Environment): hbs.AST.Statement {
    const value = this.expressions.value(pipe, environment);
    const [variable] = pipe.variables;
    if (variable) return this.assignment(at, variable, value, environment);
    const head = pipe.commands.at(-1)?.head;
    if (head?.kind === "function" && head.name === unchecked) {
      return this.nodes.output(at, value, false);
    }
    const parts = partsOf(pipe, environment);
    if (!parts) return this.nodes.output(at, value);
    if (parts.length === 0) return this.nodes.output(at, value, false);
    const checks = parts.map((part) => this.#check(at, part));
    return this.nodes.block(at, inserted.composed, value, this.nodes.program(checks));
  }

  /** Writes a part of a text, or the items of a list. */
  #check(at: number, { operand, environment, isList }: ComposedPart): hbs.AST.Statement {
    const value = this.expressions.operand(operand, environment);
    if (!isList) return this.nodes.output(at, value);
    const item = this.names.fresh("item");
    const written = this.nodes.output(at, this.nodes.name(at, item));
    const body = this.nodes.program([written], [item]);
    return this.nodes.block(at, "each", this.nodes.call(at, internal.items, [value]), body);
  }

  assignment(
    at: number,
    variable: Variable,
    value: Expression,
    environment: Environment,
  ): hbs.AST.Statement {
    const binding = environment.variables.get(variable);
    const cell = binding && "cell" in binding ? binding.cell : "";
    const set = this.nodes.call(at, internal.set, [this.nodes.name(at, cell), value]);
    return this.nodes.output(at, this.nodes.call(at, internal.discard, [set]), false);
  }

  /** `{{if}}` or `{{with}}`. */
  #conditional(control: Control, environment: Environment): hbs.AST.Statement {
    const { at, pipe } = control;
    const [variable] = pipe.assigns ? [] : pipe.variables;
    const value = pipe.assigns
      ? this.expressions.operand(pipe, environment)
      : this.expressions.value(pipe, environment);
    const kind = kindOf(pipe, environment);
    if (variable) {
      const body = (inner: Environment): LoweredStatements => {
        const binding = inner.variables.get(variable) as Binding;
        const read = this.expressions.bound(at, binding, inner);
        if (control.kind === "with") return [this.#with(control, read, kind, inner)];
        return [this.#if(control, read, inner)];
      };
      return this.binding(at, variable, value, environment, body, kind);
    }
    if (control.kind === "with") return this.#with(control, value, kind, environment);
    return this.#if(control, value, environment);
  }

  /** The value is dot within the body. The frame of the block shows where it comes from. */
  #with(
    control: Control,
    value: Expression,
    kind: ValueKind,
    environment: Environment,
  ): hbs.AST.Statement {
    const { at } = control;
    const dot = this.names.fresh("dot");
    const inner: Environment = { ...environment, dot: { param: dot, kind } };
    const body = this.nodes.program(this.list(control.body, inner), []);
    const framed = this.nodes.block(at, "with", this.nodes.name(at, dot), body);
    const name = this.nodes.name(at, dot);
    return this.let(at, value, dot, [this.#choice(control, name, [framed], environment)]);
  }

  #if(control: Control, value: Expression, environment: Environment): hbs.AST.Statement {
    return this.#choice(control, value, this.list(control.body, environment), environment);
  }

  #choice(
    { at, otherwise }: Control,
    value: Expression,
    body: LoweredStatements,
    environment: Environment,
  ): hbs.AST.Statement {
    const isKnown = isCall(value) && isBoolean(String(value.path.original));
    const condition = isKnown ? value : this.nodes.call(at, internal.truth, [value]);
    const inverse = otherwise && this.nodes.program(this.list(otherwise, environment));
    return this.nodes.block(at, "if", condition, this.nodes.program(body), inverse);
  }
}

/** Whether a variable is another name for a constant of the template. */
function isConstant({ commands }: Pipe, { assigned }: Variable): boolean {
  const [first, ...others] = commands;
  const isAlone = first !== undefined && first.args.length === 0 && others.length === 0;
  return isAlone && assigned.length === 0 && first.head.kind === "literal";
}
