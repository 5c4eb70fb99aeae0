import type { Site } from "../contract.ts";
import { faults } from "../faults.ts";

/** A value that is not allowed in the format of the file. */
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
 * The text of a value. Throws RENDER_VALUE_MISSING for an undefined one, since an empty place in a configuration is
 * easily overlooked; a missing label is optional and gives an empty string. Throws RENDER_FAILED for a list or an
 * object.
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
  const kind = Array.isArray(value) ? "a list" : "an object";
  throw faults.RENDER_FAILED({
    template: `${site.template}:${site.line}:${site.column}`,
    problem: `${site.text} is ${kind}: use {{#each}}, join or toJson to write it`,
  });
}

function isOptional({ text }: Site): boolean {
  return /\blabels\b[./]/.test(text);
}
