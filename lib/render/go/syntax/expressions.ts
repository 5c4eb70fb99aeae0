import { type Mistakes, Unreadable } from "./mistakes.ts";
import { readNumber } from "./number.ts";
import { type Reader, unexpected } from "./reader.ts";
import { newVariable, type VariableScope } from "./scope.ts";
import type { GoToken, TokenKind } from "./token.ts";
import type { Command, Literal, Operand, Pipe, Variable } from "./tree.ts";
import { readCharacter, unquote } from "./unquote.ts";

/** The numbers of arguments that a function takes. */
export interface Arity {
  readonly least: number;
  readonly most: number;
}

/** The functions that a template may call. */
export type KnownFunctions = ReadonlyMap<string, Arity>;

/** Where a pipe stands, for messages: `range`, `(…)`. */
type Context = string;

/** Reads pipes. Variables, functions and numbers of arguments that are wrong are recorded; the rest throws Unreadable. */
export class Expressions {
  readonly #reader: Reader;
  readonly #mistakes: Mistakes;
  readonly #functions: KnownFunctions;

  constructor(reader: Reader, mistakes: Mistakes, functions: KnownFunctions) {
    this.#reader = reader;
    this.#mistakes = mistakes;
    this.#functions = functions;
  }

  /** Up to and with `end`. The variables that it declares are in sight afterwards. */
  pipe(context: Context, scope: VariableScope, end: "close" | "right paren" = "close"): Pipe {
    const { at } = this.#reader.peek();
    const names = this.#declaredNames(context);
    const assigns = names.length > 0 && this.#reader.next().kind === "assign";
    const commands = this.#commands(context, scope, end);
    const variables = names.map((token) => this.#variable(token, assigns, scope, context, end));
    const pipe: Pipe = { kind: "pipe", at, variables, assigns, commands };
    for (const variable of variables) {
      if (assigns) variable.assigned.push(pipe);
      else variable.declared = pipe;
    }
    return pipe;
  }

  /** The variables before `:=` or `=`, which is the next token then. */
  #declaredNames(context: Context): readonly GoToken[] {
    const [first, second, third] = [0, 1, 2].map((ahead) => this.#reader.peek(ahead));
    if (first?.kind !== "variable" || !second) return [];
    if (isDeclaration(second)) return [this.#reader.next()];
    if (second.text !== ",") return [];
    if (context !== "range") throw new Unreadable(second.at, `too many variables in ${context}`);
    if (third?.kind !== "variable" || !isDeclaration(this.#reader.peek(3))) {
      throw new Unreadable(second.at, "range declares one variable, or two before a :=");
    }
    this.#reader.next();
    this.#reader.next();
    return [first, this.#reader.next()];
  }

  #variable(
    token: GoToken,
    assigns: boolean,
    scope: VariableScope,
    context: Context,
    end: TokenKind,
  ) {
    if (assigns) return this.#known(token, scope);
    const of = {
      isOfLoop: context === "range",
      isWithin: end === "right paren" || isBesideName(context),
    };
    const variable = newVariable(token.text, undefined, of);
    scope.declare(variable);
    return variable;
  }

  #known(token: GoToken, scope: VariableScope): Variable {
    const variable = scope.find(token.text);
    if (!variable) this.#mistakes.unknown(token.at, "variable", token.text, scope.names);
    return variable ?? newVariable(token.text, undefined);
  }

  #commands(context: Context, scope: VariableScope, end: TokenKind): readonly Command[] {
    const commands: Command[] = [];
    const first = this.#reader.peek();
    if (first.kind === end) throw new Unreadable(first.at, `missing value for ${context}`);
    for (;;) {
      const command = this.#command(context, scope, commands.length > 0);
      commands.push(command);
      const token = this.#reader.next();
      if (token.kind === end) return commands;
      if (token.kind !== "pipe") throw unexpected(token, context);
    }
  }

  #command(context: Context, scope: VariableScope, isPiped: boolean): Command {
    const { at } = this.#reader.peek();
    const operands: Operand[] = [];
    for (;;) {
      const token = this.#reader.peek();
      if (["close", "pipe", "right paren"].includes(token.kind)) break;
      if (operands.length > 0 && !token.isSpaced) throw unexpected(token, "operand");
      const operand = this.#operand(scope, context);
      operands.push(operand);
    }
    const [head, ...args] = operands;
    if (!head) throw new Unreadable(at, `missing value for ${context}`);
    this.#check(head, args.length + (isPiped ? 1 : 0));
    for (const one of args) if (one.kind === "function") this.#check(one, 0);
    return { at, head, args };
  }

  /** `count` is the number of arguments. Go finds these mistakes when it executes the command. */
  #check(head: Operand, count: number): void {
    if (head.kind === "nil") this.#mistakes.syntax(head.at, "nil is not a command");
    else if (head.kind !== "function") {
      if (count > 0) this.#mistakes.syntax(head.at, "only a function takes arguments");
    } else {
      const arity = this.#functions.get(head.name);
      if (!arity || (count >= arity.least && count <= arity.most)) return;
      const given = count === 1 ? "1 argument" : `${count} arguments`;
      this.#mistakes.syntax(head.at, `${head.name} takes ${expected(arity)}, not ${given}`);
    }
  }

  /** A term, with the fields that follow it without a space. */
  #operand(scope: VariableScope, context: Context): Operand {
    const term = this.#term(scope, context);
    const names: string[] = [];
    const { at } = this.#reader.peek();
    while (this.#reader.peek().kind === "field" && !this.#reader.peek().isSpaced) {
      names.push(this.#reader.next().text.slice(1));
    }
    if (names.length === 0) return term;
    if (term.kind === "field" || term.kind === "variable") {
      return { ...term, names: [...term.names, ...names] };
    }
    if (term.kind === "function" || term.kind === "pipe") {
      if (term.kind === "function") this.#check(term, 0);
      return { kind: "chain", at: term.at, of: term, names };
    }
    throw new Unreadable(at, "only a field, a variable or (…) has fields");
  }

  #term(scope: VariableScope, context: Context): Operand {
    const token = this.#reader.next();
    const { at, text } = token;
    switch (token.kind) {
      case "dot":
      case "nil":
        return { kind: token.kind, at };
      case "field":
        return { kind: "field", at, names: [text.slice(1)] };
      case "variable":
        return { kind: "variable", at, variable: this.#known(token, scope), names: [] };
      case "identifier":
        if (!this.#functions.has(text)) {
          this.#mistakes.unknown(at, "function", text, this.#functions.keys());
        }
        return { kind: "function", at, name: text };
      case "left paren":
        return this.pipe("(…)", scope, "right paren");
      case "bool":
        return { kind: "literal", at, value: text === "true" };
      default:
        return { kind: "literal", at, value: this.#literal(token, context) };
    }
  }

  /** The text of a string. */
  text({ at, text }: GoToken): string {
    const read = unquote(text);
    if ("text" in read) return read.text;
    throw new Unreadable(at, read.problem);
  }

  #literal(token: GoToken, context: Context): Literal {
    const { kind, at, text } = token;
    if (kind === "string" || kind === "raw string") return this.text(token);
    if (kind !== "character" && kind !== "number") throw unexpected(token, context);
    const read = kind === "character" ? readCharacter(text) : readNumber(text);
    if ("problem" in read) throw new Unreadable(at, read.problem);
    return read;
  }
}

/** `{{template "name" $x := 1}}` declares a variable, although its pipe is that of the template. */
function isBesideName(context: Context): boolean {
  return context === "{{template}}" || context === "{{block}}";
}

function isDeclaration({ kind }: GoToken): boolean {
  return kind === "declare" || kind === "assign";
}

function expected({ least, most }: Arity): string {
  const count = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${most}`;
  return `${count} argument${count === "1" || count === "at least 1" ? "" : "s"}`;
}
