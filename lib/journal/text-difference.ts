import { createTwoFilesPatch } from "diff";

/** A unified diff between two texts of a target, each with the name of its state; empty if they are equal. */
export function differenceBetween(
  target: string,
  [before, after]: readonly [string, string],
  [nameBefore, nameAfter]: readonly [string, string],
): string {
  if (before === after) return "";
  return createTwoFilesPatch(target, target, before, after, nameBefore, nameAfter);
}

/** As `differenceBetween`, and undefined if that takes longer than `limitMs` milliseconds: texts that have little in common. */
export function differenceWithin(
  limitMs: number,
  target: string,
  [before, after]: readonly [string, string],
  [nameBefore, nameAfter]: readonly [string, string],
): string | undefined {
  if (before === after) return "";
  const options = { timeout: limitMs };
  return createTwoFilesPatch(target, target, before, after, nameBefore, nameAfter, options);
}
