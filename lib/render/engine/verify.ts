import { nearest } from "../../base/nearest.ts";
import type { Site, Source } from "../contract.ts";
import { faults } from "../faults.ts";
import { type Finding, siteOf } from "./findings.ts";
import { adviceForGo } from "./go-advice.ts";
import { argumentsOf, type Call, type Expression, isCall, parametersOf, soleName } from "./walk.ts";

/** The names that a template may use. */
export interface Known {
  readonly helpers: ReadonlySet<string>;
  readonly partials: ReadonlySet<string>;
}

/** The helpers that take a block, and are nothing without one. */
const blocks: ReadonlySet<string> = new Set(["if", "unless", "each", "with", "let"]);

/** The built-in helpers, Handlebars' own and `let`, with the number of their arguments. Our helpers count theirs when they are called. */
export const builtIn: ReadonlyMap<string, number> = new Map([
  ["if", 1],
  ["unless", 1],
  ["each", 1],
  ["with", 1],
  ["let", 1],
  ["lookup", 2],
]);

/**
 * Finds RENDER_UNKNOWN_NAME, a helper or a partial that does not exist, with the nearest name, and RENDER_SYNTAX, a wrong
 * number of arguments to one of the built-in helpers. Handlebars itself finds these only when it renders the place, and
 * does not report the location. In the order of the text.
 */
export function verify(
  program: hbs.AST.Program,
  { name, text }: Source,
  known: Known,
): readonly Finding[] {
  const verifier = new Verifier(name, adviceForGo(text), known);
  verifier.program(program);
  return verifier.findings;
}

class Verifier {
  readonly findings: Finding[] = [];
  readonly #template: string;
  /** For the first finding. */
  readonly #advice: string;
  readonly #known: Known;

  constructor(template: string, advice: string, known: Known) {
    this.#template = template;
    this.#advice = advice;
    this.#known = known;
  }

  program(program: hbs.AST.Program | undefined): void {
    for (const statement of program?.body ?? []) this.#statement(statement);
  }

  #statement(statement: hbs.AST.Statement): void {
    switch (statement.type) {
      case "MustacheStatement":
        this.#call(statement as hbs.AST.MustacheStatement, "value");
        break;
      case "BlockStatement": {
        const block = statement as hbs.AST.BlockStatement;
        this.#call(block, "block");
        this.#checkParameters(block);
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

  /** `place` is where the call is: only a value can be a path that calls no helper. */
  #call(call: Call, place: "value" | "block" | "argument"): void {
    const { helpers } = this.#known;
    const name = soleName(call.path as Expression);
    if (name !== undefined && helpers.has(name)) {
      this.#checkPlace(call, name, place === "block");
      this.#checkCount(call, name);
    } else if (place !== "value" || argumentsOf(call).length > 0) {
      this.#reject(call, "helper", String((call.path as hbs.AST.PathExpression).original), helpers);
    }
    this.#arguments(call);
  }

  /** Handlebars would write the result of any other helper in place of the block, and unchecked. */
  #checkPlace(call: Call, name: string, isBlock: boolean): void {
    if (isBlock === blocks.has(name)) return;
    const problem = isBlock
      ? `${name} takes no block: use it within {{#if}}, {{#each}} or {{#with}}`
      : `${name} needs a block: {{#${name} …}}…{{/${name}}}`;
    this.#invalid(call, problem);
  }

  #arguments(call: Parameters<typeof argumentsOf>[0]): void {
    for (const argument of argumentsOf(call))
      if (isCall(argument)) this.#call(argument, "argument");
  }

  /** A condition gives its block no values, and Handlebars fails where one is read. */
  #checkParameters(block: hbs.AST.BlockStatement): void {
    const name = soleName(block.path) ?? "";
    const [parameter] = parametersOf(block.program ?? block.inverse);
    if (name === "let" && (parametersOf(block.program).length !== 1 || block.inverse)) {
      this.#invalid(block, "let gives a value a name: {{#let value as |name|}}…{{/let}}");
    }
    if (parameter === undefined || name === "each" || name === "with" || name === "let") return;
    this.#invalid(block, `${name} has no value for the block parameter ${parameter}`);
  }

  #checkCount(call: Call, name: string): void {
    const expected = builtIn.get(name);
    const actual = call.params.length;
    if (expected === undefined || actual === expected) return;
    const problem = `${name} expects ${expected} argument${expected === 1 ? "" : "s"}, not ${actual}`;
    this.#invalid(call, problem);
  }

  #invalid(node: hbs.AST.Node, problem: string): void {
    const at = siteOf(node, this.#template);
    const fault = faults.RENDER_SYNTAX({ ...at, problem: problem + this.#nextAdvice() });
    this.findings.push({ at, fault });
  }

  #partial(partial: hbs.AST.PartialStatement): void {
    const { partials } = this.#known;
    const name = String((partial.name as hbs.AST.PathExpression).original);
    if (isCall(partial.name)) {
      this.#reject(partial, "support for", "partial names that are expressions", []);
    } else if (!partials.has(name)) {
      this.#reject(partial, "partial", name, partials);
    }
    const { length } = partial.params;
    if (length > 1) this.#invalid(partial, `a partial takes one context, not ${length}`);
    this.#arguments(partial);
  }

  #reject(node: hbs.AST.Node, what: string, name: string, names: Iterable<string>): void {
    const site: Site = siteOf(node, this.#template, name);
    const unknown = { site, what, name, nearest: nearest(name, names) };
    const fault = faults.RENDER_UNKNOWN_NAME({ ...unknown, advice: this.#nextAdvice() });
    this.findings.push({ at: site, fault });
  }

  #nextAdvice(): string {
    return this.findings.length === 0 ? this.#advice : "";
  }
}
