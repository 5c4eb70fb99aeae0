import { nearest } from "../../base/nearest.ts";
import type { Problem } from "../located/problem.ts";
import { type Field, type ObjectNode, type Position, plainValue } from "../located/tree.ts";

/** A value with the place where it was written. */
export interface Located<T> {
  readonly value: T;
  readonly position: Position;
}

/**
 * The settings of a foreign program in one object. Each one that is asked for has to have its type; at the end, `finish` reports the
 * others: nothing is ignored silently.
 */
export class Fields {
  readonly #fields = new Map<string, Field>();
  readonly #names: string[] = [];
  readonly #problems: Problem[];

  /** `problems` receives what is wrong. Names are the same in capitals and in lower case, as for Go's TOML library. */
  constructor(object: ObjectNode, problems: Problem[]) {
    for (const [name, field] of object.fields) this.#fields.set(name.toLowerCase(), field);
    this.#problems = problems;
  }

  text(name: string): Located<string> | undefined {
    return this.#take(name, "a string", (value) => (typeof value === "string" ? value : undefined));
  }

  texts(name: string): Located<readonly string[]> | undefined {
    return this.#take(name, "a list of strings", (value) =>
      Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined,
    );
  }

  integer(name: string): Located<number> | undefined {
    return this.#take(name, "an integer", (value) =>
      Number.isSafeInteger(value) ? (value as number) : undefined,
    );
  }

  boolean(name: string): Located<boolean> | undefined {
    return this.#take(name, "true or false", (value) =>
      typeof value === "boolean" ? value : undefined,
    );
  }

  /** A string that `read` understands. `expected` completes `expected …`. */
  parsed<T>(
    name: string,
    expected: string,
    read: (text: string) => T | undefined,
  ): Located<T> | undefined {
    return this.#take(name, expected, (value) =>
      typeof value === "string" ? read(value) : undefined,
    );
  }

  object(name: string): ObjectNode | undefined {
    this.#names.push(name);
    const field = this.#fields.get(name);
    if (!field) return undefined;
    if (field.value.kind === "object") return field.value;
    this.#problems.push({ position: field.keyPosition, message: `${name}: expected a table` });
    return undefined;
  }

  /** A setting that sidekick does not have: it is a problem if it is there. */
  refuse(name: string, why: string): void {
    this.#names.push(name);
    const field = this.#fields.get(name);
    if (field) this.#problems.push({ position: field.keyPosition, message: `${name}: ${why}` });
  }

  /** Reports the settings that nothing has asked for. */
  finish(): void {
    for (const [name, { keyPosition }] of this.#fields) {
      if (this.#names.includes(name)) continue;
      const similar = nearest(name, this.#names);
      const advice = similar ? `: did you mean ${similar}?` : "";
      this.#problems.push({ position: keyPosition, message: `${name} is not known${advice}` });
    }
  }

  #take<T>(
    name: string,
    expected: string,
    read: (value: unknown) => T | undefined,
  ): Located<T> | undefined {
    this.#names.push(name);
    const field = this.#fields.get(name);
    if (!field) return undefined;
    const value = read(plainValue(field.value));
    if (value !== undefined) return { value, position: field.value.position };
    this.#problems.push({
      position: field.value.position,
      message: `${name}: expected ${expected}`,
    });
    return undefined;
  }
}
