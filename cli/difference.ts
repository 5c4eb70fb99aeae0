import { readFile } from "node:fs/promises";
import { systemCode } from "../lib/base/fault.ts";
import { differenceBetween } from "../lib/journal/text-difference.ts";

/** A unified diff from the target to the rendered text; empty if they are equal. */
export async function difference(target: string, text: string): Promise<string> {
  const current = await readFile(target, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
  return differenceBetween(target, [current, text], ["current", "rendered"]);
}
