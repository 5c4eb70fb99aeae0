import {
  type Helper,
  HelperError,
  InvalidArgument,
  type RenderContext,
} from "../../helpers/contract.ts";
import { type Kind, type Parameter, parseSignature, type Signature } from "../signature.ts";
import { Float, Integer } from "../values/numbers.ts";
import { type GoMap, isNil, newMap, typed, typeName } from "../values/types.ts";

/** A function of Go templates. `run` checks number and types of the arguments, and throws a HelperError in the words of Go. */
export interface GoFunction extends Helper {
  readonly signature: Signature;
}

export type GoFunctions = Readonly<Record<string, GoFunction>>;

/** Arguments that were checked against the declaration: the types are the caller's choice. */
// biome-ignore lint/suspicious/noExplicitAny: the declaration, which is text, has the types.
type Checked = any[];

/** A function with a result that depends on its arguments alone. */
export function pure(
  declaration: string,
  returns: string,
  implementation: (...args: Checked) => unknown,
): GoFunction {
  return define(declaration, returns, true, (args) => implementation(...args));
}

/** A function that reads keys, services or the environment as well, or changes a map: the result depends on nothing else. */
export function recorded(...args: Parameters<typeof impure>): GoFunction {
  return { ...impure(...args), isRecorded: true };
}

/** A function that reads anything else of the context as well. */
export function impure(
  declaration: string,
  returns: string,
  implementation: (context: RenderContext, ...args: Checked) => unknown,
): GoFunction {
  return define(declaration, returns, false, (args, context) => implementation(context, ...args));
}

type Computation = (args: readonly unknown[], context: RenderContext) => unknown;

function define(
  declaration: string,
  returns: string,
  isPure: boolean,
  implementation: Computation,
): GoFunction {
  const signature = parseSignature(declaration);
  const { result } = signature;
  const run: Helper["run"] = (args, context) =>
    withType(implementation(check(signature, args), context), result);
  return { signature, usage: usage(signature), returns, pure: isPure, run };
}

/** The functions of a table by name. */
export function table(...functions: readonly GoFunction[]): GoFunctions {
  return Object.fromEntries(functions.map((one) => [one.signature.name, one]));
}

function usage({ name, parameters, rest }: Signature): string {
  const names = parameters.map((one) => one.name);
  return [name, ...names, ...(rest ? [`[${rest.name}...]`] : [])].join(" ");
}

function check(signature: Signature, args: readonly unknown[]): unknown[] {
  const { name, parameters, rest } = signature;
  const least = parameters.length;
  if (args.length < least || (!rest && args.length > least)) {
    const wanted = rest ? `at least ${least}` : least;
    throw new HelperError(`wrong number of args for ${name}: want ${wanted} got ${args.length}`);
  }
  return args.map((value, at) => accepted(value, (parameters[at] ?? rest) as Parameter, at));
}

/** The argument as the parameter takes it. */
function accepted(value: unknown, { kind }: Parameter, at: number): unknown {
  if (kind === "any" || kind === typeof value) return value;
  if (isNil(value)) {
    if (kind.startsWith("map")) return emptyMap;
    if (kind.startsWith("[]")) return typed([], kind);
    throw new InvalidArgument(`invalid value; expected ${kind}`, at);
  }
  const type = typeName(value);
  if (type !== kind && !(kind === "[]memkv.KVPair" && type === "memkv.KVPairs")) {
    throw new InvalidArgument(`wrong type for value; expected ${kind}; got ${type}`, at);
  }
  return value;
}

/** A map that is nil: it has no members, and cannot have any. */
const emptyMap: GoMap = Object.freeze(newMap());

const conversions: Readonly<Record<string, (value: number) => unknown>> = {
  int64: (value) => new Integer("int64", value),
  float64: (value) => new Float(value),
};

function withType(value: unknown, type: string): unknown {
  if (typeof value === "number") return conversions[type]?.(value) ?? value;
  const isObject = typeof value === "object" && value !== null;
  return isObject && /^(?:\[\]|map\[|memkv\.KVPairs)/.test(type) ? typed(value, type) : value;
}

export type { Kind };
