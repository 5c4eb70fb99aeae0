import { nearest } from "../../base/nearest.ts";
import { faults } from "../faults.ts";
import { argumentsOf, type Call, type Expression, isCall, soleName } from "./walk.ts";

/** What a template may name. */
export interface Known {
  readonly helpers: ReadonlySet<string>;
  readonly partials: ReadonlySet<string>;
}

/** How many arguments the helpers take that Handlebars brings along; ours count theirs themselves. */
export const builtIn: ReadonlyMap<string, number> = new Map([
  ["if", 1],
  ["unless", 1],
  ["each", 1],
  ["with", 1],
  ["lookup", 2],
]);

/**
 * Refuses a template that names a helper or a partial which does not exist (RENDER_UNKNOWN_NAME, with the nearest
 * name) or that calls a helper of Handlebars wrongly (RENDER_SYNTAX). Handlebars itself would notice only
 * when it gets there, and not say where.
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
        this.#refuse(statement, "such thing as", "a decorator or a partial block", []);
    }
  }

  #call(call: Call, mustBeHelper: boolean): void {
    const { helpers } = this.#known;
    const name = soleName(call.path as Expression);
    if (name !== undefined && helpers.has(name)) this.#count(call, name);
    else if (mustBeHelper || argumentsOf(call).length > 0) {
      this.#refuse(call, "helper", (call.path as hbs.AST.PathExpression).original, helpers);
    }
    this.#arguments(call);
  }

  #arguments(call: Parameters<typeof argumentsOf>[0]): void {
    for (const argument of argumentsOf(call)) if (isCall(argument)) this.#call(argument, true);
  }

  #count(call: Call, name: string): void {
    const wanted = builtIn.get(name);
    const given = call.params.length;
    if (wanted === undefined || given === wanted) return;
    const problem = `${name} wants ${wanted} argument${wanted === 1 ? "" : "s"}, not ${given}`;
    const { line, column } = call.loc.start;
    throw faults.RENDER_SYNTAX({ template: this.#template, line, column: column + 1, problem });
  }

  #partial(partial: hbs.AST.PartialStatement): void {
    const { partials } = this.#known;
    const name = (partial.name as hbs.AST.PathExpression).original;
    if (isCall(partial.name)) this.#refuse(partial, "partial", "chosen while rendering", []);
    if (!partials.has(name)) this.#refuse(partial, "partial", name, partials);
    this.#arguments(partial);
  }

  #refuse(node: hbs.AST.Node, what: string, name: string, names: Iterable<string>): never {
    const { line, column } = node.loc.start;
    const site = { template: this.#template, line, column: column + 1, text: name };
    throw faults.RENDER_UNKNOWN_NAME({ site, what, name, nearest: nearest(name, names) });
  }
}
