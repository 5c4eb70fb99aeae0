import type { Pipe, Variable } from "./tree.ts";

/** The variables in sight at a place of a template: a later one hides an earlier one of the same name. */
export class VariableScope {
  /** `$`: the dot that the template begins with. */
  readonly root: Variable = newVariable("$", undefined);
  readonly #variables: Variable[] = [this.root];

  find(name: string): Variable | undefined {
    return this.#variables.findLast((one) => one.name === name);
  }

  get names(): Iterable<string> {
    return this.#variables.map(({ name }) => name);
  }

  declare(variable: Variable): void {
    this.#variables.push(variable);
  }

  /** Returns what `read` returns; the variables that are declared meanwhile are out of sight afterwards. */
  within<T>(read: () => T): T {
    const { length } = this.#variables;
    const result = read();
    this.#variables.length = length;
    return result;
  }
}

export function newVariable(
  name: string,
  declared: Pipe | undefined,
  of: Partial<Pick<Variable, "isOfLoop" | "isWithin">> = {},
): Variable {
  return { name, declared, assigned: [], isOfLoop: false, isWithin: false, ...of };
}
