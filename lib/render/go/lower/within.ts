import type { Operand, Pipe, Statement, Statements, Variable } from "../syntax/tree.ts";

/** The pipes within a pipe, each after those within it. */
export function pipesWithin(pipe: Pipe): readonly Pipe[] {
  return pipe.commands.flatMap(({ head, args }) => [head, ...args].flatMap(pipesOf));
}

function pipesOf(operand: Operand): readonly Pipe[] {
  if (operand.kind === "chain") return pipesOf(operand.of);
  return operand.kind === "pipe" ? [...pipesWithin(operand), operand] : [];
}

/** The variables that a statement declares within parentheses, and for `{{template}}` beside its name. */
export function declaredWithin(statement: Statement): readonly Variable[] {
  if (!("pipe" in statement) || !statement.pipe) return [];
  const { pipe } = statement;
  const inner = pipesWithin(pipe);
  const all = statement.kind === "template" ? [...inner, pipe] : inner;
  return all.flatMap(({ variables, assigns }) => (assigns ? [] : variables));
}

type Jump = "break" | "continue";

/** Whether statements have a break or a continue of the range around them. As in Go, a break in the else of a range ends that. */
export function jumps(
  statements: Statements | undefined,
  kinds: readonly Jump[] = ["break", "continue"],
): boolean {
  return (statements ?? []).some((one) => {
    if (one.kind === "break" || one.kind === "continue") return kinds.includes(one.kind);
    if (one.kind === "range") {
      return jumps(
        one.otherwise,
        kinds.filter((kind) => kind !== "break"),
      );
    }
    const isBlock = one.kind === "if" || one.kind === "with";
    return isBlock && (jumps(one.body, kinds) || jumps(one.otherwise, kinds));
  });
}

/** Whether statements use a variable. */
export function uses(statements: Statements | undefined, variable: Variable): boolean {
  return (statements ?? []).some((one) => {
    if ("pipe" in one && one.pipe && pipeUses(one.pipe, variable)) return true;
    return "body" in one && (uses(one.body, variable) || uses(one.otherwise, variable));
  });
}

function pipeUses(pipe: Pipe, variable: Variable): boolean {
  if (pipe.assigns && pipe.variables.includes(variable)) return true;
  return pipe.commands.some(({ head, args }) =>
    [head, ...args].some((one) => operandUses(one, variable)),
  );
}

function operandUses(operand: Operand, variable: Variable): boolean {
  if (operand.kind === "variable") return operand.variable === variable;
  if (operand.kind === "chain") return operandUses(operand.of, variable);
  return operand.kind === "pipe" && pipeUses(operand, variable);
}
