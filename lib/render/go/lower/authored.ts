import type { Command, Operand, Pipe, Variable } from "../syntax/tree.ts";
import type { Binding, Environment } from "./environment.ts";

/** A value that a text is composed of, and that the template does not contain. */
export interface ComposedPart {
  readonly operand: Operand;
  /** The names at the place of the operand. */
  readonly environment: Environment;
  /** Whether its items are part of the text, and not it itself. */
  readonly isList: boolean;
}

/**
 * What the text of a pipe is composed of besides strings of the template; undefined if that is not known. A value that contains
 * only allowed characters stays so when these functions put it together with others.
 */
export function partsOf(pipe: Pipe, environment: Environment): readonly ComposedPart[] | undefined {
  return new Composition().pipe(pipe, environment);
}

/** The functions whose result has no character that is in none of their arguments, but a space, digits and signs. */
const composing: ReadonlySet<string> = new Set([
  ...["print", "println", "join", "or", "and", "default", "coalesce", "ternary", "replace"],
  ...["trimSuffix", "trimPrefix", "trim", "repeat", "indent", "nindent", "toUpper", "toLower"],
  ...["upper", "lower", "cat"],
]);

/** Formats that write an argument as it is. `%c` and `%q` make other characters of it. */
const plainFormat = /^(?:[^%]|%%|%[-+ 0]*\d*(?:\.\d*)?[svdtfFeEgGxXob])*$/;

class Composition {
  /** The variables that are being followed. */
  readonly #followed = new Set<Variable>();

  pipe(pipe: Pipe, environment: Environment): readonly ComposedPart[] | undefined {
    const { commands } = pipe;
    let parts: readonly ComposedPart[] | undefined;
    for (const [at, command] of commands.entries()) {
      const before = { ...pipe, variables: [], commands: commands.slice(0, at) };
      const piped = parts ?? [{ operand: before, environment, isList: false }];
      parts = this.#command(command, environment, at === 0 ? [] : [piped]);
    }
    return parts;
  }

  /** `piped` has the parts of the result of the command before it, if there is one; a result of which none are known is one. */
  #command(
    { head, args }: Command,
    environment: Environment,
    piped: readonly (readonly ComposedPart[])[],
  ): readonly ComposedPart[] | undefined {
    if (head.kind !== "function") return this.#known(head, environment);
    if (!this.#isComposing(head.name, args)) return undefined;
    const own = args.map((one) => this.#argument(one, environment, head.name === "join"));
    return [...own, ...piped].flat();
  }

  #isComposing(name: string, [format]: readonly Operand[]): boolean {
    if (name !== "printf") return composing.has(name);
    const text = format?.kind === "literal" ? format.value : undefined;
    return typeof text === "string" && plainFormat.test(text);
  }

  /** An argument that is not composed itself is a part. */
  #argument(operand: Operand, environment: Environment, isList: boolean): readonly ComposedPart[] {
    return this.#known(operand, environment) ?? [{ operand, environment, isList }];
  }

  #known(operand: Operand, environment: Environment): readonly ComposedPart[] | undefined {
    if (operand.kind === "literal" || operand.kind === "nil") return [];
    if (operand.kind === "pipe") {
      return operand.variables.length === 0 ? this.pipe(operand, environment) : undefined;
    }
    if (operand.kind !== "variable" || operand.names.length > 0) return undefined;
    return this.#variable(operand.variable, environment.variables.get(operand.variable));
  }

  /** A variable that is assigned to is only known to be composed if nothing but the template's own text is assigned. */
  #variable(variable: Variable, binding: Binding | undefined): readonly ComposedPart[] | undefined {
    if (!binding || this.#followed.has(variable)) return undefined;
    this.#followed.add(variable);
    const parts = this.#valuesOf(variable, binding);
    this.#followed.delete(variable);
    return parts;
  }

  #valuesOf(variable: Variable, binding: Binding): readonly ComposedPart[] | undefined {
    if ("constant" in binding) return [];
    const { declared, assigned, isOfLoop } = variable;
    if (!declared || isOfLoop) return undefined;
    if ("param" in binding) {
      const parts = binding.around && this.pipe(declared, binding.around);
      return parts?.every(({ operand, environment }) => isFixed(operand, environment))
        ? parts
        : undefined;
    }
    const all = [declared, ...assigned].map((pipe) => this.#isText(pipe));
    return all.every(Boolean) ? [] : undefined;
  }

  /** Whether the value of a pipe is a constant of the template. */
  #isText({ commands, variables }: Pipe): boolean {
    const [first, ...others] = commands;
    const isOfLoop = variables.some((one) => one.isOfLoop);
    return (
      !isOfLoop && others.length === 0 && first?.head.kind === "literal" && first.args.length === 0
    );
  }
}

/** Whether an operand has the same value later in the template: it reads no cell. */
function isFixed(operand: Operand, environment: Environment): boolean {
  switch (operand.kind) {
    case "variable": {
      const binding = environment.variables.get(operand.variable);
      return binding !== undefined && !("cell" in binding);
    }
    case "chain":
      return isFixed(operand.of, environment);
    case "pipe":
      return operand.commands.every(({ head, args }) =>
        [head, ...args].every((one) => isFixed(one, environment)),
      );
    default:
      return true;
  }
}
