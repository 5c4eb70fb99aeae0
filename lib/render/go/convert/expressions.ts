import { memberKind } from "../../engine/sight.ts";
import { propertyOf } from "../kinds.ts";
import type { Command, Literal, Operand, Pipe } from "../syntax/tree.ts";
import { callOf, literalOf, lookup } from "./calls.ts";
import { Kept } from "./kept.ts";
import { type InSight, isPlain, isWord, type Written } from "./scope.ts";

/** The expression of a pipe in Handlebars, whatever it declares. Throws Kept. */
export function expressionOf({ commands }: Pipe, scope: InSight): Written {
  let result: Written | undefined;
  for (const command of commands) result = commandOf(command, scope, result);
  return result as Written;
}

function commandOf({ head, args }: Command, scope: InSight, piped: Written | undefined): Written {
  if (head.kind !== "function") return operandOf(head, scope);
  const own = args.map((one) => operandOf(one, scope));
  return callOf(head.at, head.name, piped ? [...own, piped] : own);
}

function operandOf(operand: Operand, scope: InSight): Written {
  const { at } = operand;
  switch (operand.kind) {
    case "nil":
      throw new Kept(at, "nil has no counterpart in Handlebars");
    case "literal":
      return constantOf(at, operand.value);
    case "dot":
      return dotOf(at, scope);
    case "field":
      return membersOf(at, dotOf(at, scope), operand.names, scope);
    case "variable": {
      const written = scope.variables.get(operand.variable);
      if (!written) throw new Kept(at, `${operand.variable.name} is nil here`);
      return membersOf(at, written, operand.names, scope);
    }
    case "function":
      return callOf(at, operand.name, []);
    case "chain":
      return membersOf(at, operandOf(operand.of, scope), operand.names, scope);
    case "pipe": {
      const [variable] = operand.variables;
      if (!variable) return expressionOf(operand, scope);
      throw new Kept(at, `${variable.name} is declared within parentheses`);
    }
  }
}

function dotOf(at: number, { dot }: InSight): Written {
  if (dot) return dot;
  throw new Kept(at, "dot is nil here");
}

function constantOf(at: number, value: Literal): Written {
  if (typeof value === "string") return literalOf(value);
  const plain = { isCall: false, kind: undefined, isList: false };
  if (typeof value === "boolean") return { ...plain, source: String(value) };
  if ("int" in value) return { ...plain, source: String(value.int) };
  throw new Kept(at, "Handlebars templates print other numbers than integers in another way");
}

function membersOf(at: number, of: Written, names: readonly string[], scope: InSight): Written {
  return names.reduce((value, name) => memberOf(at, value, name, scope), of);
}

function memberOf(at: number, value: Written, name: string, scope: InSight): Written {
  const isCapital = /^(Key|Value)$/.test(name);
  const property = propertyOf(value.kind, name) ?? (isCapital ? undefined : name);
  if (property === undefined) {
    throw new Kept(
      at,
      `it is not known before there is a value whether .${name} is that of an entry`,
    );
  }
  const kind = memberKind(value.kind, property);
  if (value.isCall || !isWord(property)) return { ...lookup(value, literalOf(property)), kind };
  const member = { isCall: false, kind, isList: false };
  if (value.source !== "this") return { ...member, source: `${value.source}.${property}` };
  return { ...member, source: isPlain(property, scope) ? property : `this.${property}` };
}
