import { dirname, resolve } from "node:path";
import type { Env } from "../../located/expand-variables.ts";
import type { Problem } from "../../located/problem.ts";

/** An expression of ERB. Synapse runs any Ruby in its configuration. */
const expression = /<%(=?)([\s\S]*?)(?:-?%>|$)/g;

/** The only Ruby that is understood: a variable of the environment, with or without a default. */
const variable =
  /^\s*ENV(?:\[\s*(["'])(\w+)\1\s*\]|\.fetch\(\s*(["'])(\w+)\3\s*(?:,\s*(["'])(.*?)\5\s*)?\))\s*$/;

/** Characters by which a value would change the structure of the file. */
const structural = /["'\\\r\n{}[\],:#&*!|>%@`]/;

/** Replaces `<%= ENV['NAME'] %>` and `<%= ENV.fetch('NAME', 'default') %>`; any other expression is a problem. */
export function expandErb(text: string, name: string, env: Env, problems: Problem[]): string {
  const folder = dirname(resolve(name));
  return text.replace(expression, (whole, equals: string, code: string, offset: number) => {
    const before = text.slice(0, offset).split("\n");
    const position = {
      name,
      folder,
      line: before.length,
      column: (before.at(-1) ?? "").length + 1,
    };
    const value = equals === "=" ? valueOf(code, env) : { problem: onlyVariables };
    if ("value" in value) return value.value;
    problems.push({ position, message: value.problem });
    return whole.replace(/[^\n]/g, " ");
  });
}

const onlyVariables =
  "Ruby in the configuration is not run: expected nothing but <%= ENV['NAME'] %> or <%= ENV.fetch('NAME', 'default') %>";

function valueOf(
  code: string,
  env: Env,
): { readonly value: string } | { readonly problem: string } {
  const match = variable.exec(code);
  const name = match?.[2] ?? match?.[4];
  if (name === undefined) return { problem: onlyVariables };
  const value = env[name] ?? match?.[6];
  if (value === undefined) return { problem: `the environment variable ${name} is not set` };
  return structural.test(value)
    ? {
        problem: `the environment variable ${name} has a character that would change the structure`,
      }
    : { value };
}
