/** Duration units, in milliseconds. */
export const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The unit names as alternatives of a regular expression. */
export const unitNames = Object.keys(unitMs).join("|");

/** Source of a regular expression that captures a number and its unit. */
export const quantity = `(\\d+(?:\\.\\d+)?)(${unitNames})`;

const whole = new RegExp(`^${quantity}$`);

/** Milliseconds in `250ms`, `1.5s`, `2m` or `1h`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = whole.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : unitMs[unit];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}

/** A duration in its shortest readable form: `250ms`, `1.5s`, `2m`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))}s`;
  return `${Number((ms / 60_000).toFixed(1))}m`;
}
