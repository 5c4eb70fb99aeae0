import { readFile } from "node:fs/promises";
import { createTwoFilesPatch } from "diff";
import { systemCode } from "../lib/base/fault.ts";

/** A unified diff from the target to the rendered text; empty if they are equal. */
export async function difference(target: string, text: string): Promise<string> {
  const current = await readFile(target, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
  return current === text
    ? ""
    : createTwoFilesPatch(target, target, current, text, "current", "rendered");
}
