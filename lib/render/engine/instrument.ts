import type { Site } from "../contract.ts";
import { isClosed, type Vocabulary } from "./closed.ts";
import { type Expression, isPath, parametersOf, soleName } from "./walk.ts";

/** The helpers that instrumentation puts into a template; no template can name them. */
export const inserted = { checked: "@checked", raw: "@raw", each: "@each" } as const;

/** What instrumentation found: the places it numbered, and which loops may remember their items' text. */
export interface Instrumented {
  readonly sites: Site[];
  /** Site numbers of the loops whose body depends on the item alone. */
  readonly closed: Set<number>;
}

/**
 * Rewrites a template so that every value passes through our hands, with the number of its place:
 * `{{x}}` becomes `{{{@checked x 7}}}`, `{{{x}}}` becomes `{{{@raw x 7}}}` and `{{#each list}}`
 * becomes `{{#@each list 8}}`. Works on the syntax tree, which is Handlebars' public format.
 */
export function instrument(
  program: hbs.AST.Program,
  template: string,
  vocabulary: Vocabulary,
  found: Instrumented,
): void {
  const number = (node: hbs.AST.Node, text: string): number => {
    const { line, column } = node.loc.start;
    return found.sites.push({ template, line, column: column + 1, text }) - 1;
  };

  const value = (statement: hbs.AST.MustacheStatement): void => {
    const path = statement.path as Expression;
    const name = soleName(path);
    const isHelper = name !== undefined && vocabulary.helpers.has(name);
    const escaped = statement.escaped;
    const text = escaped ? `{{${words(path)}}}` : `{{{${words(path)}}}}`;
    const subject = isHelper ? subExpression(statement) : path;
    const site = number(statement, text);
    const helper = escaped ? inserted.checked : inserted.raw;
    Object.assign(statement, call(statement, helper, [subject, literal(statement, site)]));
    statement.escaped = false;
  };

  const block = (statement: hbs.AST.BlockStatement, names: ReadonlySet<string>): void => {
    const inner = new Set([...names, ...parametersOf(statement.program)]);
    if (soleName(statement.path) === "each") {
      const list = statement.params[0];
      const site = number(statement, list ? words(list) : "");
      if (isClosed(statement.program, names, vocabulary)) found.closed.add(site);
      const params = [...statement.params, literal(statement, site)];
      Object.assign(statement, call(statement, inserted.each, params));
    }
    body(statement.program, inner);
    body(statement.inverse, names);
  };

  const body = (inner: hbs.AST.Program | undefined, names: ReadonlySet<string>): void => {
    for (const statement of inner?.body ?? []) {
      if (statement.type === "MustacheStatement") value(statement as hbs.AST.MustacheStatement);
      if (statement.type === "BlockStatement") block(statement as hbs.AST.BlockStatement, names);
    }
  };

  body(program, new Set());
}

function words(node: Expression): string {
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
