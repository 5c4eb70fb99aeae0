import Handlebars from "handlebars";
import { type Expression, isCall, soleName } from "./walk.ts";

/** The named argument that marks a call whose fault is deferred. It is not valid in a template. */
export const deferredMark = "@deferred";

/**
 * Marks the calls in those arguments of `and` and `or` that the result perhaps does not need: all but the first. Handlebars
 * evaluates every argument before a call, so `(and (exists key) (getv key))` would fail. Changes the syntax tree in place.
 */
export function deferFaults(program: hbs.AST.Program): void {
  new Deferring().accept(program);
}

class Deferring extends Handlebars.Visitor {
  override SubExpression(call: hbs.AST.SubExpression): void {
    deferArguments(call);
    super.SubExpression(call);
  }

  override MustacheStatement(call: hbs.AST.MustacheStatement): void {
    deferArguments(call);
    super.MustacheStatement(call);
  }
}

function deferArguments({
  path,
  params,
}: Pick<hbs.AST.SubExpression, "params"> & { path: unknown }) {
  const name = soleName(path as Expression);
  if (name === "and" || name === "or") for (const one of params.slice(1)) defer(one);
}

/** Marks a call, and the calls in its arguments. */
export function defer(expression: Expression): void {
  if (!isCall(expression)) return;
  const { hash, loc, params } = expression;
  const pairs = hash?.pairs ?? [];
  if (pairs.some(({ key }) => key === deferredMark)) return;
  const value: hbs.AST.BooleanLiteral = {
    ...{ type: "BooleanLiteral", value: true, original: true, loc },
  };
  const mark: hbs.AST.HashPair = { type: "HashPair", key: deferredMark, value, loc };
  expression.hash = { type: "Hash", pairs: [...pairs, mark], loc };
  for (const one of [...params, ...pairs.map((pair) => pair.value)]) defer(one);
}
