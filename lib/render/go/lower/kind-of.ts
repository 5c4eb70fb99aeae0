import type { ValueKind } from "../../engine/kinds-of-values.ts";
import { memberKind } from "../../engine/sight.ts";
import { goResultKind } from "../kinds.ts";
import type { Command, Operand, Pipe } from "../syntax/tree.ts";
import type { Binding, Environment } from "./environment.ts";

/** The kind of the value of a pipe, as far as the template shows it. */
export function kindOf({ commands }: Pipe, environment: Environment): ValueKind {
  return commands.reduce<ValueKind>(
    (piped, command) => kindOfCommand(command, environment, piped),
    undefined,
  );
}

function kindOfCommand({ head, args }: Command, environment: Environment, piped: ValueKind) {
  if (head.kind !== "function") return kindOfOperand(head, environment);
  const [first] = args;
  return goResultKind(head.name, first ? kindOfOperand(first, environment) : piped);
}

function kindOfOperand(operand: Operand, environment: Environment): ValueKind {
  switch (operand.kind) {
    case "dot":
      return kindOfBinding(environment.dot);
    case "field":
      return operand.names.reduce(memberKind, kindOfBinding(environment.dot));
    case "variable": {
      const binding = environment.variables.get(operand.variable);
      return operand.names.reduce(memberKind, binding && kindOfBinding(binding));
    }
    case "pipe":
      return kindOf(operand, environment);
    default:
      return undefined;
  }
}

/** A cell may hold any value. */
export function kindOfBinding(binding: Binding): ValueKind {
  return "param" in binding ? binding.kind : undefined;
}
