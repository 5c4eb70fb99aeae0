import { nearest } from "../../base/nearest.ts";
import type { Site } from "../contract.ts";
import { faults } from "../faults.ts";
import { argumentsOf, type Call, type Expression, isCall, soleName } from "./walk.ts";

/** What a template may name. */
export interface Known {
  readonly helpers: ReadonlySet<string>;
  readonly partials: ReadonlySet<string>;
}

/**
 * Refuses a template that names a helper or a partial which does not exist: RENDER_UNKNOWN with the place
 * and the nearest name. Handlebars itself would notice only when it gets there, and not say where.
 */
export function verify(program: hbs.AST.Program, template: string, known: Known): void {
  const visitProgram = (inner: hbs.AST.Program | undefined): void => {
    for (const statement of inner?.body ?? []) visit(statement);
  };
  const site = (node: hbs.AST.Node, text: string): Site => ({
    template,
    line: node.loc.start.line,
    column: node.loc.start.column + 1,
    text,
  });
  const refuse = (node: hbs.AST.Node, what: string, name: string, names: Iterable<string>) => {
    const detail = { site: site(node, name), what, name, nearest: nearest(name, names) };
    throw faults.RENDER_UNKNOWN(detail);
  };
  const visitCall = (call: Call, mustBeHelper: boolean): void => {
    const name = soleName(call.path as Expression);
    const isHelper = name !== undefined && known.helpers.has(name);
    if (!isHelper && (mustBeHelper || argumentsOf(call).length > 0)) {
      refuse(call, "helper", (call.path as hbs.AST.PathExpression).original, known.helpers);
    }
    for (const argument of argumentsOf(call)) if (isCall(argument)) visitCall(argument, true);
  };
  const visitPartial = (partial: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement) => {
    const name = (partial.name as hbs.AST.PathExpression).original;
    if (isCall(partial.name)) refuse(partial, "partial", "chosen while rendering", []);
    if (!known.partials.has(name)) refuse(partial, "partial", name, known.partials);
    for (const argument of argumentsOf(partial)) if (isCall(argument)) visitCall(argument, true);
  };
  const visit = (statement: hbs.AST.Statement): void => {
    switch (statement.type) {
      case "MustacheStatement":
        visitCall(statement as hbs.AST.MustacheStatement, false);
        break;
      case "BlockStatement": {
        const block = statement as hbs.AST.BlockStatement;
        visitCall(block, true);
        visitProgram(block.program);
        visitProgram(block.inverse);
        break;
      }
      case "PartialStatement":
        visitPartial(statement as hbs.AST.PartialStatement);
        break;
      case "ContentStatement":
      case "CommentStatement":
        break;
      default:
        refuse(statement, "such thing as", "a decorator or a partial block", []);
    }
  };
  visitProgram(program);
}
