import { faults } from "../faults.ts";

/** The forms in which variables are printed. */
export const formats = ["dotenv", "shell", "systemd", "json"] as const;

export type EnvFormat = (typeof formats)[number];

/** The variables as one text. Throws CLI_VARIABLE_UNPRINTABLE for a value that the format cannot hold. */
export function formatVariables(
  values: Readonly<Record<string, string>>,
  format: EnvFormat,
): string {
  if (format === "json") return `${JSON.stringify(values, undefined, 2)}\n`;
  const lines = Object.entries(values).map(([name, value]) => {
    const line = byFormat[format](name, value);
    if (typeof line === "string") return `${line}\n`;
    throw faults.CLI_VARIABLE_UNPRINTABLE({ name, format, why: line.why });
  });
  return lines.join("");
}

type Line = string | { readonly why: string };

const byFormat: Readonly<
  Record<Exclude<EnvFormat, "json">, (name: string, value: string) => Line>
> = {
  dotenv: dotenvLine,
  shell: (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  systemd: systemdLine,
};

/**
 * For `node --env-file` and what reads the same: within single quotes and within backticks every character stands for itself, and
 * within double quotes all but `\n`. Carriage returns are dropped by readers.
 */
function dotenvLine(name: string, value: string): Line {
  if (value.includes("\r")) return { why: "it has a carriage return, which readers drop" };
  const quote = ["'", "`", '"'].find(
    (one) => !(value.includes(one) || (one === '"' && value.includes("\\n"))),
  );
  if (quote === undefined) return { why: "it has quotes of all kinds" };
  return `${name}=${quote}${value}${quote}`;
}

/**
 * For `EnvironmentFile=`: within double quotes a backslash is needed before some characters, nothing is expanded, and lines may
 * follow. systemd ignores values with control characters.
 */
function systemdLine(name: string, value: string): Line {
  if (/[\x01-\x08\x0b-\x1f\x7f]/.test(value)) {
    return { why: "it has a control character, and systemd ignores such values" };
  }
  return `${name}="${value.replace(/["\\`$]/g, "\\$&")}"`;
}
