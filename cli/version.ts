import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { embeddedText } from "../lib/base/embedded.ts";

/** The version in the package.json beside the folder of the shipped templates. */
export function version(shipped: string): string {
  const path = join(dirname(shipped), "package.json");
  const text = embeddedText(path) ?? readFileSync(path, "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
