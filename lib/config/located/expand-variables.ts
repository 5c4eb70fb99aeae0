import type { Problem } from "./problem.ts";
import { mapScalars, type ObjectNode, type ScalarNode } from "./tree.ts";

export type Env = Readonly<Record<string, string | undefined>>;

const reference = /\$\$|\$\{([^}]*)\}?/g;
const inside = /^([A-Za-z_]\w*)(?::-(.*))?$/s;

/**
 * Replaces references to environment variables in strings: `${NAME}`, or `${NAME:-default}` for a variable that may be
 * unset or empty; `$$` is a dollar sign. Works on parsed values, so that a variable cannot change the structure.
 */
export function expandVariables(root: ObjectNode, env: Env, problems: Problem[]): ObjectNode {
  return mapScalars(root, (scalar) => expandScalar(scalar, env, problems)) as ObjectNode;
}

function expandScalar(scalar: ScalarNode, env: Env, problems: Problem[]): ScalarNode {
  const { value: text, position } = scalar;
  if (typeof text !== "string" || !text.includes("$")) return scalar;
  let fromEnv = false;
  const value = text.replace(reference, (whole, name?: string) => {
    if (name === undefined) return "$";
    fromEnv = true;
    const result = whole.endsWith("}") ? lookUp(name, env) : invalidReference(whole);
    if ("value" in result) return result.value;
    problems.push({ position, message: result.problem });
    return whole;
  });
  return fromEnv ? { ...scalar, value, written: text } : { ...scalar, value };
}

type Lookup = { readonly value: string } | { readonly problem: string };

function lookUp(content: string, env: Env): Lookup {
  const [, name, preset] = inside.exec(content) ?? [];
  if (name === undefined) return invalidReference(`\${${content}}`);
  const value = env[name];
  if (preset !== undefined) return { value: value || preset };
  if (value !== undefined) return { value };
  const remedy = `set it, or write \${${name}:-default}`;
  return { problem: `the environment variable ${name} is not set: ${remedy}` };
}

function invalidReference(written: string): Lookup {
  const expected = `expected \${NAME} or \${NAME:-default}`;
  return { problem: `${expected}, not ${written}: write $$ for a dollar sign` };
}
