import { nearest } from "../../base/nearest.ts";
import { faults } from "../faults.ts";
import { argumentsOf, type Call, type Expression, isCall, soleName } from "./walk.ts";

/** The names that a template may use. */
export interface Known {
  readonly helpers: ReadonlySet<string>;
  readonly partials: ReadonlySet<string>;
}

/** Handlebars' own helpers with the number of their arguments. Our helpers count theirs when they are called. */
export const builtIn: ReadonlyMap<string, number> = new Map([
  ["if", 1],
  ["unless", 1],
  ["each", 1],
  ["with", 1],
  ["lookup", 2],
]);

/**
 * Throws RENDER_UNKNOWN_NAME for a helper or a partial that does not exist, with the nearest name, and RENDER_SYNTAX
 * for a wrong number of arguments to one of Handlebars' own helpers. Handlebars itself finds these only when it
 * renders the place, and does not report the location.
 */
export function verify(program: hbs.AST.Program, template: string, known: Known): void {
  new Verifier(template, known).program(program);
}

class Verifier {
  readonly #template: string;
  readonly #known: Known;

  constructor(template: string, known: Known) {
    this.#template = template;
    this.#known = known;
  }

  program(program: hbs.AST.Program | undefined): void {
    for (const statement of program?.body ?? []) this.#statement(statement);
  }

  #statement(statement: hbs.AST.Statement): void {
    switch (statement.type) {
      case "MustacheStatement":
        this.#call(statement as hbs.AST.MustacheStatement, false);
        break;
      case "BlockStatement": {
        const block = statement as hbs.AST.BlockStatement;
        this.#call(block, true);
        this.program(block.program);
        this.program(block.inverse);
        break;
      }
      case "PartialStatement":
        this.#partial(statement as hbs.AST.PartialStatement);
        break;
      case "ContentStatement":
      case "CommentStatement":
        break;
      default:
        this.#reject(statement, "support for", "decorators and partial blocks", []);
    }
  }

  #call(call: Call, mustBeHelper: boolean): void {
    const { helpers } = this.#known;
    const name = soleName(call.path as Expression);
    if (name !== undefined && helpers.has(name)) this.#checkCount(call, name);
    else if (mustBeHelper || argumentsOf(call).length > 0) {
      this.#reject(call, "helper", (call.path as hbs.AST.PathExpression).original, helpers);
    }
    this.#arguments(call);
  }

  #arguments(call: Parameters<typeof argumentsOf>[0]): void {
    for (const argument of argumentsOf(call)) if (isCall(argument)) this.#call(argument, true);
  }

  #checkCount(call: Call, name: string): void {
    const expected = builtIn.get(name);
    const actual = call.params.length;
    if (expected === undefined || actual === expected) return;
    const problem = `${name} expects ${expected} argument${expected === 1 ? "" : "s"}, not ${actual}`;
    const { line, column } = call.loc.start;
    throw faults.RENDER_SYNTAX({ template: this.#template, line, column: column + 1, problem });
  }

  #partial(partial: hbs.AST.PartialStatement): void {
    const { partials } = this.#known;
    const name = (partial.name as hbs.AST.PathExpression).original;
    if (isCall(partial.name))
      this.#reject(partial, "support for", "partial names that are expressions", []);
    if (!partials.has(name)) this.#reject(partial, "partial", name, partials);
    this.#arguments(partial);
  }

  #reject(node: hbs.AST.Node, what: string, name: string, names: Iterable<string>): never {
    const { line, column } = node.loc.start;
    const site = { template: this.#template, line, column: column + 1, text: name };
    throw faults.RENDER_UNKNOWN_NAME({ site, what, name, nearest: nearest(name, names) });
  }
}
