import type { Pipe, Statements, Variable } from "../syntax/tree.ts";
import { assertConstant } from "./kept.ts";
import { type InSight, parameterFor, type Written, withParameter } from "./scope.ts";

const noKind = { kind: undefined, isList: false };

/** What the body of a range sees, and the block parameters of its `{{#each}}`: the item, and its position or key. */
export function loopScope(
  { variables }: Pipe,
  body: Statements,
  list: Written,
  scope: InSight,
): { readonly inner: InSight; readonly names: readonly string[] } {
  variables.forEach(assertConstant);
  const [first, second] = variables;
  const kind = list.kind && "items" in list.kind ? list.kind.items : undefined;
  const item = { kind, isList: false };
  const named = second ?? first ?? aliasIn(body);
  let inner: InSight = { ...scope, dot: { source: "this", isCall: false, ...item } };
  const names: string[] = [];
  for (const variable of [named, second && first].filter((one) => one !== undefined)) {
    const name = parameterFor(variable, inner);
    names.push(name);
    inner = withParameter(inner, variable, name, variable === named ? item : noKind);
  }
  return { inner: named && !first ? { ...inner, dot: inner.variables.get(named) } : inner, names };
}

/** A variable that is another name for dot in the body of a range. */
function aliasIn(body: Statements): Variable | undefined {
  for (const statement of body) {
    if (statement.kind !== "action" || statement.pipe.assigns) continue;
    const { variables, commands } = statement.pipe;
    const [variable, ...others] = variables;
    const isDot = commands.length === 1 && commands[0]?.head.kind === "dot";
    if (isDot && others.length === 0 && variable?.assigned.length === 0) return variable;
  }
  return undefined;
}
