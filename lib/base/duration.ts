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

/** The units of a formatted duration and their lengths, the longest first, each with the length of the next one. */
const lengths = [
  ["d", 86_400_000, 3_600_000],
  ["h", 3_600_000, 60_000],
  ["m", 60_000, 1000],
  ["s", 1000, 10],
] as const;

/** A duration in its shortest readable form: `250ms`, `1.5s`, `2m`, `1.5h`, `3d`. */
export function formatDuration(ms: number): string {
  for (const [unit, length, shorter] of lengths) {
    // From where one decimal of the shorter unit would be rounded up: 1m, and not 60s.
    if (ms >= length - shorter / 20) return `${Number((ms / length).toFixed(1))}${unit}`;
  }
  return `${Math.round(ms)}ms`;
}
