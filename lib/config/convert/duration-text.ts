import { unitMs } from "../../base/duration.ts";

const longestFirst = Object.entries(unitMs).sort(([, a], [, b]) => b - a);

/** A duration as it is written in a configuration: exactly, in the longest unit of which it is a whole number. */
export function durationText(ms: number): string {
  const [unit, length] = longestFirst.find(([, each]) => ms > 0 && ms % each === 0) ?? ["ms", 1];
  // Minutes and hours are harder to compare than 90s.
  return ms === 0 ? "0s" : `${ms / length}${unit}`;
}
