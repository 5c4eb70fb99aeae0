import type { Running } from "./process.ts";

/** A line of the log of a sidekick that runs as a process. */
export interface LogEvent {
  readonly event: string;
  readonly message: string;
  readonly code?: string;
  readonly [field: string]: unknown;
}

/** The lines that a sidekick has logged so far, in order. */
export function events({ stderr }: Running): readonly LogEvent[] {
  const lines = stderr()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as LogEvent);
}
