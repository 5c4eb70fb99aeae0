import { excerptOf } from "../../base/secret.ts";
import { isQuotable, quotable } from "../../model/names.ts";
import type { LabelValue, Metadata } from "./metadata.ts";

/**
 * Reads the labels of a port and collects problems, each with the label, its value and the expected value. An empty label
 * counts as unset.
 */
export class Labels {
  /** The reasons why the port cannot be registered. */
  readonly problems: string[] = [];
  /** Labels that are dropped or adjusted although the port is registered, and how. */
  readonly omitted: { readonly label: string; readonly why: string }[] = [];
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  /** The keys that have a value. */
  keys(): readonly string[] {
    return [...this.#metadata.keys()].filter((key) => this.get(key));
  }

  get(key: string): LabelValue | undefined {
    const found = this.#metadata.get(key);
    return found?.value === "" ? undefined : found;
  }

  text(key: string, isValid: (text: string) => boolean, expected: string): string | undefined {
    const { value } = this.get(key) ?? {};
    if (value === undefined || isValid(value)) return value;
    this.reject(key, `expected ${expected}`);
    return undefined;
  }

  /** The value as a boolean; undefined if unset. */
  boolean(key: string): boolean | undefined {
    const { value = "" } = this.get(key) ?? {};
    if (value === "") return undefined;
    if (isYes.test(value)) return true;
    if (!isNo.test(value)) this.reject(key, "expected true or false");
    return false;
  }

  /** Adds a problem with the value of a key. */
  reject(key: string, why: string): void {
    const { label = key, value = "" } = this.get(key) ?? {};
    this.problems.push(`${label} is ${excerptOf(label, value)}: ${why}`);
  }

  /** Adds a value that is not used as it is. */
  adjust(key: string, how: string): void {
    const { label = key, value = "" } = this.get(key) ?? {};
    this.omitted.push({ label, why: `${excerptOf(label, value)} is ${how}` });
  }

  /** The labels that are not reserved, for templates: sorted by key. */
  custom(isReserved: (key: string) => boolean): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const [key, { label, value, ofEnvironment }] of [...this.#metadata].sort(byKey)) {
      if (isReserved(key)) continue;
      if (isQuotable(key) && isQuotable(value)) found[key] = value;
      // A variable may be for the application only and hold a secret: its value is not shown.
      else if (ofEnvironment) this.omitted.push({ label, why: `expected ${quotable}` });
      else this.problems.push(`${label} is ${excerptOf(label, value)}: expected ${quotable}`);
    }
    return found;
  }
}

/** Matches values for false. */
export const isNo = /^(false|no|off|0)$/i;
const isYes = /^(true|yes|on|1)$/i;

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
