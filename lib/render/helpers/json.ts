import { describe } from "./arguments.ts";
import { UnusableValue } from "./contract.ts";

/** Parses JSON. Throws an UnusableValue for a text that is none, or is nested more deeply than any configuration. */
export function parseShallow(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnusableValue(`${describe(text)} is not valid JSON`);
  }
  if (isShallow(value, maxDepth)) return value;
  throw new UnusableValue(`${describe(text)} is nested more than ${maxDepth} deep`);
}

/** Far more than a configuration needs, and far less than overflows the stack. */
const maxDepth = 100;

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isShallow(member, depth - 1));
}
