import type { Site } from "../contract.ts";
import { faults } from "../faults.ts";

/** A value that cannot stand in the kind of file that is written. */
export class UnsafeValue extends Error {
  override readonly name = "UnsafeValue";
  readonly value: string;
  readonly problem: string;
  readonly site: Site;

  constructor(value: string, problem: string, site: Site) {
    super(problem);
    this.value = value;
    this.problem = problem;
    this.site = site;
  }
}

/**
 * The text of a value. A value that is missing is RENDER_VALUE_MISSING, since an empty place in a
 * configuration is a mistake that nobody sees; a label that one instance lacks is merely empty.
 */
export function valueText(value: unknown, site: Site): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    default:
      break;
  }
  if (value === null || (value === undefined && isOptional(site))) return "";
  if (value === undefined || typeof value !== "object") throw faults.RENDER_VALUE_MISSING({ site });
  if (value instanceof Date) return value.toISOString();
  const what = Array.isArray(value) ? "a list" : "an object";
  throw faults.RENDER_FAILED({
    template: `${site.template}:${site.line}:${site.column}`,
    problem: `${site.text} is ${what}: use {{#each}}, join or toJson to write it`,
  });
}

function isOptional({ text }: Site): boolean {
  return /\blabels\b[./]/.test(text);
}
