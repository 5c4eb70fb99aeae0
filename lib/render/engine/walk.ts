export type Expression = hbs.AST.Expression;

export function isPath(node: Expression): node is hbs.AST.PathExpression {
  return node.type === "PathExpression";
}

export function isCall(node: Expression): node is hbs.AST.SubExpression {
  return node.type === "SubExpression";
}

/** A node that may call a helper: `{{helper a b=c}}`, `{{#helper a}}` or `(helper a)`. */
export type Call = hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression;

/** The arguments of a call, positional and named. */
export function argumentsOf(call: {
  readonly params: readonly Expression[];
  readonly hash?: hbs.AST.Hash;
}): readonly Expression[] {
  return [...call.params, ...(call.hash?.pairs ?? []).map((pair) => pair.value)];
}

/** The block parameters of a block: `item` and `i` of `{{#each list as |item i|}}`. */
export function parametersOf(program: hbs.AST.Program | undefined): readonly string[] {
  return program?.blockParams ?? [];
}

/** The name, if a path is a single name that may be a helper or a partial; undefined for `this.x`, `../x`, `@x` and `x.y`. */
export function soleName(path: Expression): string | undefined {
  if (!isPath(path) || path.data || path.depth > 0 || path.parts.length !== 1) return undefined;
  return /^(\.|this\b)/.test(path.original) ? undefined : String(path.parts[0]);
}

/** Whether an expression is `this`, or `.`: the context itself. */
export function isThis(expression: Expression): boolean {
  if (!isPath(expression) || expression.data) return false;
  return expression.depth === 0 && expression.parts.length === 0;
}

/** The source of a node that was lowered from another language, for messages. */
export interface Lowered {
  readonly source?: string;
  /** Where the function is named, if its call is the whole node. */
  readonly calledAt?: hbs.AST.SourceLocation;
}
