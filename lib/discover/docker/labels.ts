import { excerpt } from "../../base/excerpt.ts";
import { isQuotable, quotable } from "../../model/names.ts";
import type { Metadata, Written } from "./metadata.ts";

/**
 * Reads what labels say, and gathers what makes no sense, each time with the label, its value and what was
 * expected. What is empty counts as not said.
 */
export class Labels {
  /** Why the port cannot be announced. */
  readonly problems: string[] = [];
  /** What is not handed on, though the port is announced. */
  readonly omitted: string[] = [];
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  /** The keys that have a value. */
  keys(): readonly string[] {
    return [...this.#metadata.keys()].filter((key) => this.written(key));
  }

  written(key: string): Written | undefined {
    const found = this.#metadata.get(key);
    return found?.value === "" ? undefined : found;
  }

  text(key: string, isFine: (text: string) => boolean, expected: string): string | undefined {
    const { value } = this.written(key) ?? {};
    if (value === undefined || isFine(value)) return value;
    this.refuse(key, `expected ${expected}`);
    return undefined;
  }

  /** Whether it says yes; undefined where nothing is said. */
  yes(key: string): boolean | undefined {
    const { value = "" } = this.written(key) ?? {};
    if (value === "") return undefined;
    if (isYes.test(value)) return true;
    if (!isNo.test(value)) this.refuse(key, "expected true or false");
    return false;
  }

  /** Says that what is written under a key makes no sense. */
  refuse(key: string, why: string): void {
    const { label = key, value = "" } = this.written(key) ?? {};
    this.problems.push(`${label} is ${excerpt(value)}: ${why}`);
  }

  /** What has no meaning here, for templates: by key, in order. */
  free(isMeant: (key: string) => boolean): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const [key, { label, value, ofEnvironment }] of [...this.#metadata].sort(byKey)) {
      if (isMeant(key)) continue;
      if (isQuotable(key) && isQuotable(value)) found[key] = value;
      // It may mean something to the application alone, and be a secret: it is not shown.
      else if (ofEnvironment) this.omitted.push(`${label} is not handed on: expected ${quotable}`);
      else this.problems.push(`${label} is ${excerpt(value)}: expected ${quotable}`);
    }
    return found;
  }
}

/** Whether a text that is not empty says no. */
export const isNo = /^(false|no|off|0)$/i;
const isYes = /^(true|yes|on|1)$/i;

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
