import type { Weighting } from "./contract.ts";

/** `weight 26 of 256: slow start 12s of 1m; zone b: spill over 30 %`. */
export function describeShare({ weight, full, why }: Weighting): string {
  return `weight ${weight} of ${full}${why && `: ${why}`}`;
}
