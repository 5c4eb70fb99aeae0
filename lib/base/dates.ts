/** One moment: milliseconds on a clock, and as a date. */
export interface Moment {
  readonly nowMs: number;
  readonly date: Date;
}

/** The date of a time on the clock of a moment, in ISO 8601 and UTC. */
export function dateOf(ms: number, { nowMs, date }: Moment): string {
  return new Date(date.getTime() - Math.round(nowMs - ms)).toISOString();
}

/** A date in ISO 8601 without milliseconds. */
export function toSeconds(date: string): string {
  return date.replace(/\.\d+Z$/, "Z");
}
