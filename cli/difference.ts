import { readFile } from "node:fs/promises";
import { createTwoFilesPatch } from "diff";
import { systemCode } from "../lib/base/fault.ts";

/** A unified diff between two texts of a target, each with the name of its state; empty if they are equal. */
export function differenceBetween(
  target: string,
  [before, after]: readonly [string, string],
  [nameBefore, nameAfter]: readonly [string, string],
): string {
  if (before === after) return "";
  return createTwoFilesPatch(target, target, before, after, nameBefore, nameAfter);
}

/** A unified diff from the target to the rendered text; empty if they are equal. */
export async function difference(target: string, text: string): Promise<string> {
  const current = await readFile(target, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
  return differenceBetween(target, [current, text], ["current", "rendered"]);
}
