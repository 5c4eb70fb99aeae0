/** The units of durations, in milliseconds. */
export const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The names of the units, as alternatives in a regular expression. */
export const unitNames = Object.keys(unitMs).join("|");

/** A number and its unit, as the source of a regular expression with a group for each. */
export const quantity = `(\\d+(?:\\.\\d+)?)(${unitNames})`;

const whole = new RegExp(`^${quantity}$`);

/** Milliseconds in `250ms`, `1.5s`, `2m` or `1h`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = whole.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : unitMs[unit];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}

/** A duration as a person writes it: `250ms`, `1.5s`, `2m`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))}s`;
  return `${Number((ms / 60_000).toFixed(1))}m`;
}
