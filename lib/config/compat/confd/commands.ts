import type { Problem } from "../../located/problem.ts";
import type { Located } from "../fields.ts";

/** A reference of confd: `{{.src}}`, also with spaces and with dashes, which trim. */
const reference = /\{\{-?\s*\.(\w+)\s*-?\}\}/g;

/** Reports an action in check_cmd that is neither `{{.src}}` nor `{{.dest}}`: confd would read it as a template. */
export function findForeignAction(
  { value: line, position }: Located<string>,
  problems: Problem[],
): void {
  const [foreign] = /\{\{.*?\}\}/s.exec(line.replace(/\{\{-?\s*\.(src|dest)\s*-?\}\}/g, "")) ?? [];
  if (foreign === undefined) return;
  const message = `check_cmd: ${foreign} is not known: expected {{.src}} for the rendered file, or {{.dest}}`;
  problems.push({ position, message });
}

/**
 * The arguments of check_cmd, a line for the shell, in which `{candidate}` stands for the rendered file. As in confd the path is
 * not quoted.
 */
export function checkCommand(line: string, dest: string): readonly string[] {
  return ["/bin/sh", "-c", replaced(line, { src: "{candidate}", dest })];
}

/** The line of reload_cmd. Other braces than `{{.src}}` and `{{.dest}}` are left as they are: confd does not read them. */
export function reloadCommand(line: string, dest: string): string {
  return replaced(line, { src: dest, dest });
}

function replaced(line: string, values: { readonly src: string; readonly dest: string }): string {
  return line.replace(reference, (whole, name: string) =>
    name === "src" || name === "dest" ? values[name] : whole,
  );
}
