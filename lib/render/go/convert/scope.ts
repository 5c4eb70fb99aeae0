import type { ValueKind } from "../../engine/kinds-of-values.ts";
import { builtIn } from "../../engine/verify.ts";
import { helpers } from "../../helpers/all.ts";
import type { Variable } from "../syntax/tree.ts";

/** An expression of Handlebars. */
export interface Written {
  readonly source: string;
  /** As an argument it stands in parentheses. */
  readonly isCall: boolean;
  readonly kind: ValueKind;
  /** It is a list, whatever the keyspace has. */
  readonly isList: boolean;
  /** The text, if it is a string of the template. */
  readonly literal?: string;
  /** The parts of a text that is composed. */
  readonly parts?: readonly Written[];
}

/** The names in sight at a place of the template. */
export interface InSight {
  /** The context; undefined at the top of the template, where dot is nil. */
  readonly dot: Written | undefined;
  readonly variables: ReadonlyMap<Variable, Written>;
  /** The block parameters. */
  readonly names: ReadonlySet<string>;
}

/** Words that are no names in a path. */
const reserved: ReadonlySet<string> = new Set([
  ...["this", "true", "false", "null", "undefined", "as", "else"],
  ...[...builtIn.keys(), ...Object.keys(helpers)],
]);

/** Whether a member of the context can be written by its name alone. */
export function isPlain(member: string, { names }: InSight): boolean {
  return isWord(member) && !reserved.has(member) && !names.has(member);
}

export function isWord(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

/** The name of the block parameter for a variable. */
export function parameterFor({ name }: Variable, { names }: InSight): string {
  const word = name.slice(1);
  const plain = isWord(word) ? word : "value";
  const isTaken = (one: string) => reserved.has(one) || names.has(one);
  if (!isTaken(plain)) return plain;
  for (let count = 2; ; count += 1) if (!isTaken(`${plain}${count}`)) return `${plain}${count}`;
}

/** The scope with a variable that is written in this way. */
export function withWritten(scope: InSight, variable: Variable, written: Written): InSight {
  return { ...scope, variables: new Map([...scope.variables, [variable, written]]) };
}

/** The scope with a variable that is a block parameter. */
export function withParameter(
  scope: InSight,
  variable: Variable,
  name: string,
  value: Pick<Written, "kind" | "isList">,
): InSight {
  const { kind, isList } = value;
  const inner = withWritten(scope, variable, { source: name, isCall: false, kind, isList });
  return { ...inner, names: new Set([...scope.names, name]) };
}
