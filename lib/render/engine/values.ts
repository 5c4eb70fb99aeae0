import type { Site } from "../contract.ts";
import { faults } from "../faults.ts";

/**
 * The text of a value. Throws RENDER_VALUE_MISSING for an undefined one, since an empty place in a configuration is
 * easily overlooked; a missing label is optional and gives an empty string. Throws RENDER_FAILED for a list or an
 * object. `keys` are those that the value was read from.
 */
export function valueText(value: unknown, site: Site, keys: () => readonly string[]): string {
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
  if (value === undefined || typeof value !== "object") {
    throw faults.RENDER_VALUE_MISSING({ site, keys: keys() });
  }
  if (value instanceof Date) return value.toISOString();
  const kind = Array.isArray(value) ? "a list" : "an object";
  throw faults.RENDER_FAILED({
    ...{ template: site.template, site, keys: keys() },
    problem: `${site.text} is ${kind}: use {{#each}}, join or toJson to write it`,
  });
}

function isOptional({ text }: Site): boolean {
  return /\blabels\b[./]/.test(text);
}
