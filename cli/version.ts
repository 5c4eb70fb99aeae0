import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The version in the package.json beside the folder of the shipped templates. */
export function version(shipped: string): string {
  const text = readFileSync(join(dirname(shipped), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
