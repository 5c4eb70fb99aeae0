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
  return eventsIn(stderr());
}

/** The lines of a log, or of a part of it that begins with a line. */
export function eventsIn(log: string): readonly LogEvent[] {
  const lines = log.split("\n").filter((line) => /^\{.*\}$/.test(line));
  return lines.map((line) => JSON.parse(line) as LogEvent);
}
