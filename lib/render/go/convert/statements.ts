import type { Escape } from "../../contract.ts";
import { declaredWithin } from "../lower/within.ts";
import type { Control, Pipe, Statement, Statements, Variable } from "../syntax/tree.ts";
import { asArgument } from "./calls.ts";
import { expressionOf } from "./expressions.ts";
import { assertConstant, Kept } from "./kept.ts";
import { loopScope } from "./loop-scope.ts";
import { foundUnsafe } from "./own-text.ts";
import type { Branch, Piece } from "./pieces.ts";
import { type InSight, parameterFor, type Written, withParameter, withWritten } from "./scope.ts";

/** Converts the statements of a Go template to pieces of a Handlebars template. */
export class StatementConversion {
  readonly #escape: Escape;

  /** `escape` is the check of the file's format. */
  constructor(escape: Escape) {
    this.#escape = escape;
  }

  /** Throws Kept. */
  list(statements: Statements, scope: InSight): readonly Piece[] {
    const out: Piece[] = [];
    for (const [i, statement] of statements.entries()) {
      const [hidden] = declaredWithin(statement);
      if (hidden) throw new Kept(statement.at, `${hidden.name} is declared within parentheses`);
      if (statement.kind === "action" && statement.pipe.variables.length > 0) {
        return [...out, ...this.#declared(statement.pipe, statements.slice(i + 1), scope)];
      }
      out.push(...this.#statement(statement, scope));
    }
    return out;
  }

  #statement(statement: Statement, scope: InSight): readonly Piece[] {
    const { at, kind } = statement;
    switch (kind) {
      case "text":
        return [{ kind: "text", text: statement.text }];
      case "action":
        return this.#value(statement.pipe, scope);
      case "break":
      case "continue":
        throw new Kept(at, `Handlebars has no {{${kind}}}`);
      case "template":
        throw new Kept(at, "it invokes a template that the file defines");
      case "if":
        return this.#if(statement, scope);
      case "with":
        return this.#with(statement, scope);
      case "range":
        return [this.#range(statement, scope)];
    }
  }

  /** What follows on a declaration stands within a block that gives the value its name. */
  #declared(pipe: Pipe, rest: Statements, scope: InSight): readonly Piece[] {
    const [variable] = pipe.variables as readonly [Variable];
    const value = this.#variable(pipe, variable, scope);
    const isConstant = value.literal !== undefined || /^-?\d+$/.test(value.source);
    if (isConstant || (value.source === scope.dot?.source && value.source !== "this")) {
      return this.list(rest, withWritten(scope, variable, value));
    }
    return [this.#let(variable, value, scope, (inner) => this.list(rest, inner))];
  }

  #variable(pipe: Pipe, variable: Variable, scope: InSight): Written {
    assertConstant(variable);
    return expressionOf(pipe, scope);
  }

  #let(
    variable: Variable,
    value: Written,
    scope: InSight,
    body: (inner: InSight) => readonly Piece[],
  ): Piece {
    const name = parameterFor(variable, scope);
    const tag = `#let ${asArgument(value)} as |${name}|`;
    const inner = withParameter(scope, variable, name, value);
    return { kind: "block", name: "let", branches: [{ tag, body: body(inner) }] };
  }

  #value(pipe: Pipe, scope: InSight): readonly Piece[] {
    const head = pipe.commands.at(-1)?.head;
    if (head?.kind === "function" && head.name === "unchecked") {
      throw new Kept(pipe.at, "unchecked has another form in Handlebars: three braces");
    }
    const unsafe = foundUnsafe(pipe, this.#escape);
    if (unsafe !== undefined) {
      const text = JSON.stringify(unsafe);
      throw new Kept(pipe.at, `it writes ${text}, which Handlebars would check as a value`);
    }
    const value = expressionOf(pipe, scope);
    return (value.parts ?? [value]).map((part): Piece => {
      if (part.literal !== undefined) return { kind: "text", text: part.literal };
      if (!/^(-?\d+|true|false)$/.test(part.source)) return { kind: "value", source: part.source };
      return { kind: "text", text: part.source };
    });
  }

  #if(control: Control, scope: InSight): readonly Piece[] {
    const { pipe } = control;
    const [variable] = pipe.variables;
    if (!variable) return [this.#choice(control, expressionOf(pipe, scope), scope)];
    const value = this.#variable(pipe, variable, scope);
    const choice = (inner: InSight) => {
      return [this.#choice(control, inner.variables.get(variable) as Written, inner)];
    };
    return [this.#let(variable, value, scope, choice)];
  }

  #choice({ body, otherwise }: Control, condition: Written, scope: InSight): Piece {
    const first = { tag: `#if ${asArgument(condition)}`, body: this.list(body, scope) };
    return { kind: "block", name: "if", branches: [first, ...this.#else(otherwise, scope)] };
  }

  /** `{{else if}}` where the else has nothing but one condition. */
  #else(otherwise: Statements | undefined, scope: InSight): readonly Branch[] {
    if (!otherwise) return [];
    const [only, ...more] = otherwise;
    if (only?.kind !== "if" || more.length > 0 || only.pipe.variables.length > 0) {
      return [{ tag: "else", body: this.list(otherwise, scope) }];
    }
    const tag = `else if ${asArgument(expressionOf(only.pipe, scope))}`;
    return [{ tag, body: this.list(only.body, scope) }, ...this.#else(only.otherwise, scope)];
  }

  #with({ pipe, body, otherwise }: Control, scope: InSight): readonly Piece[] {
    const [variable] = pipe.variables;
    const value = variable ? this.#variable(pipe, variable, scope) : expressionOf(pipe, scope);
    const dotted: InSight = { ...scope, dot: { ...value, source: "this", isCall: false } };
    const name = variable && parameterFor(variable, scope);
    const inner = variable && name ? withParameter(dotted, variable, name, value) : dotted;
    const tag = `#with ${asArgument(value)}${name ? ` as |${name}|` : ""}`;
    const inverse = otherwise ? [{ tag: "else", body: this.list(otherwise, scope) }] : [];
    const branches = [{ tag, body: this.list(body, inner) }, ...inverse];
    return [{ kind: "block", name: "with", branches }];
  }

  #range({ pipe, body, otherwise }: Control, scope: InSight): Piece {
    const list = expressionOf(pipe, scope);
    if (pipe.variables.length === 2 && !list.isList) {
      throw new Kept(
        pipe.at,
        "Go sorts the keys of an object, which Handlebars leaves in its order",
      );
    }
    const { inner, names } = loopScope(pipe, body, list, scope);
    const tag = `#each ${asArgument(list)}${names.length > 0 ? ` as |${names.join(" ")}|` : ""}`;
    const each: Branch = { tag, body: this.list(body, inner) };
    const inverse = otherwise ? [{ tag: "else", body: this.list(otherwise, scope) }] : [];
    if (list.isList) return { kind: "block", name: "each", branches: [each, ...inverse] };
    // A loop over a member that is absent is nothing in Go, and a fault in Handlebars.
    const loop: Piece = { kind: "block", name: "each", branches: [each] };
    const guarded = { tag: `#if ${asArgument(list)}`, body: [loop] };
    return { kind: "block", name: "if", branches: [guarded, ...inverse] };
  }
}
