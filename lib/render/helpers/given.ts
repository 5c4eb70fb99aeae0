import { shortened } from "../../base/excerpt.ts";
import { HelperError, type KeyValue } from "./contract.ts";

/** What a helper was given, each argument read as what the helper wants; else a HelperError says what it was. */
export class Given {
  readonly all: readonly unknown[];
  readonly #helper: string;

  constructor(helper: string, all: readonly unknown[]) {
    this.#helper = helper;
    this.all = all;
  }

  /** Text, or a number as text: in a template `{{split 8080 "0"}}` means the digits. */
  text(at: number): string {
    const value = this.all[at];
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw this.wrong(at, "text");
  }

  whole(at: number): number {
    const value = this.all[at];
    if (Number.isSafeInteger(value)) return value as number;
    throw this.wrong(at, "a whole number", typeof value === "string" ? "; atoi reads text" : "");
  }

  list(at: number): readonly unknown[] {
    const value = this.all[at];
    if (Array.isArray(value)) return value;
    throw this.wrong(at, "a list");
  }

  /** A list of texts, or of numbers as texts. */
  texts(at: number): readonly string[] {
    return this.list(at).map((item) => {
      if (typeof item === "string") return item;
      if (typeof item === "number") return String(item);
      throw this.wrong(at, "a list of texts", `, in which there is ${shown(item)}`);
    });
  }

  keyValues(at: number): readonly KeyValue[] {
    return this.list(at).map((item) => {
      if (isKeyValue(item)) return item;
      throw this.wrong(at, "a list of keys with values", `, in which there is ${shown(item)}`);
    });
  }

  wrong(at: number, wanted: string, more = ""): HelperError {
    const which = ordinals[at] ?? `${at + 1}th`;
    const value = shown(this.all[at]);
    return new HelperError(
      `${this.#helper} wants ${wanted}, but the ${which} argument is ${value}${more}`,
    );
  }
}

const ordinals = ["first", "second", "third", "fourth"];

function isKeyValue(item: unknown): item is KeyValue {
  return typeof item === "object" && item !== null && "key" in item && typeof item.key === "string";
}

/** A value in an error's sentence: short, and on one line. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" || typeof value === "function") return `an ${typeof value}`;
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return shortened(text, 60);
}
