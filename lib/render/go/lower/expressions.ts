import { defer } from "../../engine/defer.ts";
import { memberKind } from "../../engine/sight.ts";
import { type Expression, isPath } from "../../engine/walk.ts";
import { propertyOf } from "../kinds.ts";
import type { Command, Operand, Pipe } from "../syntax/tree.ts";
import type { Binding, Environment } from "./environment.ts";
import { internal } from "./internal.ts";
import { kindOfBinding } from "./kind-of.ts";
import type { Nodes } from "./nodes.ts";

/** Lowers pipes to expressions: a function is a helper, and the result of a command the last argument of the next one. */
export class ExpressionLowering {
  readonly #nodes: Nodes;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  /** The value of a pipe, whatever it declares or assigns to. */
  value({ commands }: Pipe, environment: Environment): Expression {
    let result: Expression | undefined;
    for (const command of commands) result = this.#command(command, environment, result);
    return result as Expression;
  }

  operand(operand: Operand, environment: Environment): Expression {
    const { at } = operand;
    switch (operand.kind) {
      case "nil":
        return this.#nodes.literal(at, undefined);
      case "literal":
        return this.#nodes.literal(at, operand.value);
      case "dot":
        return this.bound(at, environment.dot, environment);
      case "field":
        return this.#members(at, environment.dot, operand.names, environment);
      case "variable": {
        const binding = environment.variables.get(operand.variable) as Binding;
        return this.#members(at, binding, operand.names, environment);
      }
      case "function":
        return this.#nodes.call(at, operand.name, []);
      case "chain": {
        const subject = this.operand(operand.of, environment);
        return this.#fields(at, subject, operand.names, internal.chain);
      }
      case "pipe":
        return this.#parenthesized(operand, environment);
    }
  }

  bound(at: number, binding: Binding, environment: Environment): Expression {
    if ("param" in binding) return this.#nodes.name(at, binding.param);
    if ("cell" in binding) {
      return this.#nodes.call(at, internal.get, [this.#nodes.name(at, binding.cell)]);
    }
    const { constant } = binding;
    return constant ? this.value(constant, environment) : this.#nodes.literal(at, undefined);
  }

  /** A declaration or an assignment has a value within parentheses. */
  #parenthesized(pipe: Pipe, environment: Environment): Expression {
    const value = this.value(pipe, environment);
    const [variable] = pipe.variables;
    const binding = variable && environment.variables.get(variable);
    if (!binding || !("cell" in binding)) return value;
    return this.#nodes.call(pipe.at, internal.set, [
      this.#nodes.name(pipe.at, binding.cell),
      value,
    ]);
  }

  #command(
    { head, args }: Command,
    environment: Environment,
    piped: Expression | undefined,
  ): Expression {
    if (head.kind !== "function") return this.operand(head, environment);
    const own = args.map((one) => this.operand(one, environment));
    // The value before a | is evaluated in any case.
    if (head.name === "and" || head.name === "or") own.slice(1).forEach(defer);
    return this.#nodes.call(head.at, head.name, piped ? [...own, piped] : own);
  }

  /** Where the kind of a value is known, its members are read as Handlebars reads them, which takes a tenth of the time. */
  #members(
    at: number,
    binding: Binding,
    names: readonly string[],
    environment: Environment,
  ): Expression {
    let value = this.bound(at, binding, environment);
    let kind = kindOfBinding(binding);
    for (const [i, name] of names.entries()) {
      const property = propertyOf(kind, name);
      if (property === undefined || !isPath(value)) return this.#fields(at, value, names.slice(i));
      value = this.#nodes.member(at, value, property);
      kind = memberKind(kind, name);
    }
    return value;
  }

  #fields(
    at: number,
    value: Expression,
    names: readonly string[],
    helper: string = internal.field,
  ): Expression {
    if (names.length === 0) return value;
    const path = names.map((name) => this.#nodes.literal(at, name));
    return this.#nodes.call(at, helper, [value, ...path]);
  }
}
