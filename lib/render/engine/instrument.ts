import type { Site } from "../contract.ts";
import { isClosed, type Vocabulary } from "./closed.ts";
import { type Expression, isPath, parametersOf, soleName } from "./walk.ts";

/** The helpers that instrumentation inserts. Their names are not valid in a template. */
export const inserted = { checked: "@checked", raw: "@raw", each: "@each" } as const;

/** The numbered sites of a template and its partials. */
export interface Instrumented {
  readonly sites: Site[];
  /** The sites of the loops with a body that depends on the item alone: the text of their items can be reused. */
  readonly closed: Set<number>;
}

/**
 * Rewrites a template so that every value passes through an inserted helper, with the number of its site:
 * `{{x}}` becomes `{{{@checked x 7}}}`, `{{{x}}}` becomes `{{{@raw x 7}}}` and `{{#each list}}` becomes
 * `{{#@each list 8}}`. Changes the syntax tree in place; its form is part of Handlebars' public interface.
 */
export function instrument(
  program: hbs.AST.Program,
  template: string,
  vocabulary: Vocabulary,
  found: Instrumented,
): void {
  new Instrumenter(template, vocabulary, found).program(program, new Set());
}

class Instrumenter {
  readonly #template: string;
  readonly #vocabulary: Vocabulary;
  readonly #found: Instrumented;

  constructor(template: string, vocabulary: Vocabulary, found: Instrumented) {
    this.#template = template;
    this.#vocabulary = vocabulary;
    this.#found = found;
  }

  /** `names` are the block parameters in scope. */
  program(program: hbs.AST.Program | undefined, names: ReadonlySet<string>): void {
    for (const statement of program?.body ?? []) {
      if (statement.type === "MustacheStatement") {
        this.#value(statement as hbs.AST.MustacheStatement);
      } else if (statement.type === "BlockStatement") {
        this.#block(statement as hbs.AST.BlockStatement, names);
      }
    }
  }

  #value(statement: hbs.AST.MustacheStatement): void {
    const path = statement.path as Expression;
    const name = soleName(path);
    const isHelper = name !== undefined && this.#vocabulary.helpers.has(name);
    const text = statement.escaped ? `{{${sourceText(path)}}}` : `{{{${sourceText(path)}}}}`;
    const subject = isHelper ? subExpression(statement) : path;
    const site = this.#number(statement, text);
    const helper = statement.escaped ? inserted.checked : inserted.raw;
    Object.assign(statement, call(statement, helper, [subject, literal(statement, site)]));
    statement.escaped = false;
  }

  #block(statement: hbs.AST.BlockStatement, names: ReadonlySet<string>): void {
    const inner = new Set([...names, ...parametersOf(statement.program)]);
    if (soleName(statement.path) === "each") {
      const list = statement.params[0];
      const site = this.#number(statement, list ? sourceText(list) : "");
      if (isClosed(statement.program, names, this.#vocabulary)) this.#found.closed.add(site);
      const params = [...statement.params, literal(statement, site)];
      Object.assign(statement, call(statement, inserted.each, params));
    }
    this.program(statement.program, inner);
    this.program(statement.inverse, names);
  }

  #number({ loc }: hbs.AST.Node, text: string): number {
    const { line, column } = loc.start;
    return this.#found.sites.push({ template: this.#template, line, column: column + 1, text }) - 1;
  }
}

function sourceText(node: Expression): string {
  if (isPath(node)) return node.original;
  return "original" in node ? String(node.original) : "(…)";
}

function subExpression(statement: hbs.AST.MustacheStatement): hbs.AST.SubExpression {
  const { path, params, hash, loc } = statement;
  return { type: "SubExpression", path: path as hbs.AST.PathExpression, params, hash, loc };
}

function call(node: hbs.AST.Node, helper: string, params: readonly Expression[]) {
  const path: hbs.AST.PathExpression = {
    type: "PathExpression",
    data: false,
    depth: 0,
    parts: [helper],
    original: helper,
    loc: node.loc,
  };
  return { path, params: [...params] };
}

function literal(node: hbs.AST.Node, value: number): hbs.AST.NumberLiteral {
  return { type: "NumberLiteral", value, original: value, loc: node.loc };
}
