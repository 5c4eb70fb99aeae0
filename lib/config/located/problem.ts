import type { Mark } from "./tree.ts";

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly mark: Mark;
  /** What is wrong and what was expected: `presence.ttl is "ten": expected a duration …`. */
  readonly message: string;
}

/** `sidekick.yaml:4:8`, or the name of a variable. */
export function place({ name, line, column }: Mark): string {
  return line === undefined ? name : `${name}:${line}:${column ?? 1}`;
}

/** One line for each problem, in the order of the files and of the lines in them; each one once. */
export function lines(problems: readonly Problem[]): readonly string[] {
  const names = [...new Set(problems.map(({ mark }) => mark.name))];
  const sorted = [...problems].sort(
    (a, b) =>
      names.indexOf(a.mark.name) - names.indexOf(b.mark.name) ||
      (a.mark.line ?? 0) - (b.mark.line ?? 0) ||
      (a.mark.column ?? 0) - (b.mark.column ?? 0),
  );
  return [...new Set(sorted.map(({ mark, message: says }) => `${place(mark)}: ${says}`))];
}
