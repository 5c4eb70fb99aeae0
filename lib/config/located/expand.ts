import type { Problem } from "./problem.ts";
import { mapScalars, type ObjectNode, type ScalarNode } from "./tree.ts";

export type Env = Readonly<Record<string, string | undefined>>;

const reference = /\$\$|\$\{([^}]*)\}?/g;
const inside = /^([A-Za-z_]\w*)(?::-(.*))?$/s;

/**
 * Puts the environment into text: `${NAME}`, or `${NAME:-default}` for one that may be unset or empty;
 * `$$` is a dollar sign. This happens to values that were read: it never changes the structure.
 */
export function expand(section: ObjectNode, env: Env, problems: Problem[]): ObjectNode {
  return mapScalars(section, (scalar) => expanded(scalar, env, problems)) as ObjectNode;
}

function expanded(scalar: ScalarNode, env: Env, problems: Problem[]): ScalarNode {
  const { value: text, mark } = scalar;
  if (typeof text !== "string" || !text.includes("$")) return scalar;
  let fromEnv = false;
  const value = text.replace(reference, (whole, name?: string) => {
    if (name === undefined) return "$";
    fromEnv = true;
    const found = whole.endsWith("}") ? lookUp(name, env) : unreadable(whole);
    if ("value" in found) return found.value;
    problems.push({ mark, message: found.says });
    return whole;
  });
  return fromEnv ? { ...scalar, value, written: text } : { ...scalar, value };
}

function lookUp(reference: string, env: Env): { value: string } | { says: string } {
  const [, name, preset] = inside.exec(reference) ?? [];
  if (name === undefined) return unreadable(`\${${reference}}`);
  const value = env[name];
  if (preset !== undefined) return { value: value || preset };
  return value === undefined
    ? { says: `the environment variable ${name} is not set: set it, or write \${${name}:-default}` }
    : { value };
}

function unreadable(written: string): { says: string } {
  return {
    says: `expected \${NAME} or \${NAME:-default}, not ${written}: write $$ for a dollar sign`,
  };
}
