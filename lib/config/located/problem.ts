import type { Position } from "./tree.ts";

/** One error in a document. */
export interface Problem {
  readonly position: Position;
  /** The error and the expectation: `server.ttl is "ten": expected a duration …`. */
  readonly message: string;
}

/** `sidekick.yaml:4:8`, or the name of a variable. */
export function formatPosition({ name, line, column }: Position): string {
  return line === undefined ? name : `${name}:${line}:${column ?? 1}`;
}

/** One line for each problem, in the order of files and positions; duplicates once. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  const names = [...new Set(problems.map(({ position }) => position.name))];
  const sorted = [...problems].sort(
    ({ position: a }, { position: b }) =>
      names.indexOf(a.name) - names.indexOf(b.name) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
  return [
    ...new Set(sorted.map(({ position, message }) => `${formatPosition(position)}: ${message}`)),
  ];
}
