import type { Source } from "../../contract.ts";
import type { Finding } from "../../engine/findings.ts";
import { Expressions, type KnownFunctions } from "./expressions.ts";
import { lex } from "./lex.ts";
import { Mistakes, type Place, Unreadable } from "./mistakes.ts";
import { Reader, unexpected } from "./reader.ts";
import { VariableScope } from "./scope.ts";
import { type GoToken, shown } from "./token.ts";
import type { Control, Definition, GoTree, Pipe, Statement, Statements } from "./tree.ts";

/** A Go template that was read as far as possible. */
export interface ParsedGo {
  /** Undefined if the text is not a template. */
  readonly tree: GoTree | undefined;
  /** In the order in which they were found. A tree with mistakes must not be executed. */
  readonly mistakes: readonly Finding[];
  readonly placeOf: (offset: number) => Place;
}

/** Parses a template of Go's text/template. Finds every mistake that does not depend on values. */
export function parseGo(source: Source, functions: KnownFunctions): ParsedGo {
  const mistakes = new Mistakes(source);
  let tree: GoTree | undefined;
  try {
    const parser = new Parser(lex(source.text), mistakes, functions);
    tree = parser.template();
    parser.assertDefined(source.name);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    mistakes.syntax(error.at, error.message);
  }
  const placeOf = (offset: number) => mistakes.placeOf(offset);
  return { tree, mistakes: mistakes.found, placeOf };
}

/** Where statements stand. */
interface Surroundings {
  readonly scope: VariableScope;
  /** Whether they are part of the body of a range. */
  readonly isInLoop: boolean;
}

/** The keyword after the statements: `{{end}}` or `{{else}}`. The rest of its action is not read yet. */
interface Stopped {
  readonly statements: Statements;
  readonly stop: GoToken;
}

class Parser {
  readonly #reader: Reader;
  readonly #mistakes: Mistakes;
  readonly #expressions: Expressions;
  readonly #defined = new Map<string, Definition>();
  readonly #invoked: { readonly at: number; readonly name: string }[] = [];

  constructor(tokens: readonly GoToken[], mistakes: Mistakes, functions: KnownFunctions) {
    this.#reader = new Reader(tokens);
    this.#mistakes = mistakes;
    this.#expressions = new Expressions(this.#reader, mistakes, functions);
  }

  template(): GoTree {
    const scope = new VariableScope();
    const around: Surroundings = { scope, isInLoop: false };
    const main: Statement[] = [];
    while (this.#reader.peek().kind !== "end of file") {
      const second = this.#reader.peek(1);
      const isDefinition = second.kind === "keyword" && second.text === "define";
      if (this.#reader.peek().kind === "open" && isDefinition) {
        this.#definition();
        continue;
      }
      const statement = this.#statement(around);
      if ("stop" in statement) throw misplaced(statement.stop);
      main.push(statement);
    }
    const invoked = new Set(this.#invoked.map(({ name }) => name));
    return { main: { root: scope.root, statements: main }, defined: this.#defined, invoked };
  }

  /** A template may invoke those that the file defines, and by the name of the file itself. */
  assertDefined(file: string): void {
    const names = [...this.#defined.keys(), file].map((name) => JSON.stringify(name));
    for (const { at, name } of this.#invoked) {
      const quoted = JSON.stringify(name);
      if (!names.includes(quoted)) this.#mistakes.unknown(at, "template", quoted, names);
    }
  }

  #definition(): void {
    this.#reader.next();
    const { at } = this.#reader.next();
    const name = this.#name("{{define}}");
    this.#reader.expect("close", "{{define}}");
    this.#define(at, name);
  }

  /** The statements up to `{{end}}` are those of a template. */
  #define(at: number, name: string): void {
    const scope = new VariableScope();
    const { statements, stop } = this.#body({ scope, isInLoop: false });
    if (stop.text !== "end") throw misplaced(stop);
    this.#reader.expect("close", "{{end}}");
    const before = this.#defined.get(name);
    if (!before || isEmpty(before.statements))
      this.#defined.set(name, { root: scope.root, statements });
    else if (!isEmpty(statements)) {
      this.#mistakes.syntax(at, `the template ${JSON.stringify(name)} is defined twice`);
    }
  }

  /** Statements up to the `{{end}}` or `{{else}}` that belongs to them. */
  #body(around: Surroundings): Stopped {
    const statements: Statement[] = [];
    const { at } = this.#reader.peek();
    for (;;) {
      if (this.#reader.peek().kind === "end of file") {
        throw new Unreadable(at, "{{end}} is missing for the block that begins here");
      }
      const statement = this.#statement(around);
      if ("stop" in statement) return { statements, stop: statement.stop };
      statements.push(statement);
    }
  }

  #statement(around: Surroundings): Statement | { readonly stop: GoToken } {
    const token = this.#reader.next();
    if (token.kind === "text") return { kind: "text", at: token.at, text: token.text };
    const word = this.#reader.peek();
    if (word.kind !== "keyword") {
      return { kind: "action", at: token.at, pipe: this.#expressions.pipe("{{…}}", around.scope) };
    }
    this.#reader.next();
    switch (word.text) {
      case "end":
      case "else":
        return { stop: word };
      case "if":
      case "with":
      case "range":
        return this.#control(word.text, token.at, around);
      case "template":
        return this.#invocation(token.at, around);
      case "block":
        return this.#block(token.at, around);
      case "break":
      case "continue":
        return this.#jump(word.text, token.at, around);
      default:
        throw new Unreadable(word.at, `${shown(word)} is only allowed outside of blocks`);
    }
  }

  #control(kind: Control["kind"], at: number, around: Surroundings): Control {
    const { scope } = around;
    return scope.within(() => {
      const pipe = this.#expressions.pipe(kind, scope);
      const isInLoop = around.isInLoop || kind === "range";
      const { statements, stop } = scope.within(() => this.#body({ scope, isInLoop }));
      const control = { kind, at, pipe, body: statements };
      if (stop.text === "end") {
        this.#reader.expect("close", "{{end}}");
        return { ...control, otherwise: undefined };
      }
      return { ...control, otherwise: this.#otherwise(kind, stop, around) };
    });
  }

  /** What follows on `{{else`: ` if …}}` or ` with …}}`, with the `{{end}}` of the whole chain, or `}}`. */
  #otherwise(kind: Control["kind"], { at }: GoToken, around: Surroundings): Statements {
    for (const next of ["if", "with"] as const) {
      if (next === kind && this.#reader.accepts(next)) return [this.#control(next, at, around)];
    }
    this.#reader.expect("close", "{{else}}");
    const { statements, stop } = around.scope.within(() => this.#body(around));
    if (stop.text === "else") throw misplaced(stop);
    this.#reader.expect("close", "{{end}}");
    return statements;
  }

  #invocation(at: number, { scope }: Surroundings): Statement {
    const name = this.#name("{{template}}");
    this.#invoked.push({ at, name });
    if (this.#reader.peek().kind === "close") {
      this.#reader.next();
      return { kind: "template", at, name, pipe: undefined };
    }
    const pipe: Pipe = this.#expressions.pipe("{{template}}", scope);
    return { kind: "template", at, name, pipe };
  }

  #block(at: number, { scope }: Surroundings): Statement {
    const name = this.#name("{{block}}");
    const pipe = this.#expressions.pipe("{{block}}", scope);
    this.#define(at, name);
    return { kind: "template", at, name, pipe };
  }

  #jump(kind: "break" | "continue", at: number, { isInLoop }: Surroundings): Statement {
    this.#reader.expect("close", `{{${kind}}}`);
    if (!isInLoop) this.#mistakes.syntax(at, `{{${kind}}} is only allowed within {{range}}`);
    return { kind, at };
  }

  #name(place: string): string {
    const token = this.#reader.next();
    if (token.kind !== "string" && token.kind !== "raw string") throw unexpected(token, place);
    return this.#expressions.text(token);
  }
}

function misplaced(stop: GoToken): Unreadable {
  return new Unreadable(stop.at, `there is no open block for this ${shown(stop)}`);
}

/** As in Go: a template of white space alone may be defined again. */
function isEmpty(statements: Statements): boolean {
  return statements.every((one) => one.kind === "text" && one.text.trim() === "");
}
