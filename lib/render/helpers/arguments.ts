import { shortened } from "../../base/excerpt.ts";
import { hidden } from "../../base/secret.ts";
import { type HelperError, InvalidArgument, type KeyValue } from "./contract.ts";

/** The arguments of a helper. Each accessor returns one of them as a type, or throws a HelperError that shows its value. */
export class Arguments {
  readonly all: readonly unknown[];
  readonly #helper: string;

  constructor(helper: string, all: readonly unknown[]) {
    this.#helper = helper;
    this.all = all;
  }

  /** A string; a number is converted, so that `{{split 8080 "0"}}` works on its digits. */
  string(at: number): string {
    const value = this.all[at];
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw this.invalid(at, "a string");
  }

  /** An integer that a double holds exactly. A string is not converted. */
  integer(at: number): number {
    const value = this.all[at];
    if (Number.isSafeInteger(value)) return value as number;
    const advice = typeof value === "string" ? "; use atoi to convert a string" : "";
    throw this.invalid(at, "an integer", advice);
  }

  list(at: number): readonly unknown[] {
    const value = this.all[at];
    if (Array.isArray(value)) return value;
    throw this.invalid(at, "a list");
  }

  /** A list of strings; numbers in it are converted. */
  strings(at: number): readonly string[] {
    return this.list(at).map((item) => {
      if (typeof item === "string") return item;
      if (typeof item === "number") return String(item);
      throw this.invalid(at, "a list of strings", ` that contains ${describe(item)}`);
    });
  }

  keyValues(at: number): readonly KeyValue[] {
    return this.list(at).map((item) => {
      if (isKeyValue(item)) return item;
      throw this.invalid(at, "a list of keys with values", ` that contains ${describe(item)}`);
    });
  }

  /** The error for an argument that is not `expected`. `details` are appended to its message. */
  invalid(at: number, expected: string, details = ""): HelperError {
    const ordinal = ordinals[at] ?? `${at + 1}th`;
    const value = describe(this.all[at]);
    const found = `the ${ordinal} argument is ${value}${details}`;
    return new InvalidArgument(`${this.#helper} expects ${expected}, but ${found}`, at);
  }
}

const ordinals = ["first", "second", "third", "fourth"];

function isKeyValue(item: unknown): item is KeyValue {
  return typeof item === "object" && item !== null && "key" in item && typeof item.key === "string";
}

/** A value for an error message: one line, at most 60 characters of the value. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" || typeof value === "function") return `an ${typeof value}`;
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return shortened(text, 60);
}

/** The message of a HelperError without the values that `describe` has put there: they may be secret. */
export function withoutValues(message: string): string {
  return message.replace(/"(?:[^"\\]|\\.)*"?|\b\d[\w.+-]*/g, hidden);
}
