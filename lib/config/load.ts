import { readFile } from "node:fs/promises";
import { type ConfigEnvironment, type ConfigText, compile } from "./compile.ts";
import { faults } from "./faults.ts";
import { type Format, formatOf } from "./located/parse.ts";
import type { Plan } from "./plan.ts";

export interface ConfigSources extends ConfigEnvironment {
  readonly readFile?: (path: string) => Promise<string>;
}

/**
 * Reads configuration files as one configuration: sections are filled from all of them, lists joined.
 * Throws CONFIG_UNREADABLE, or CONFIG_INVALID with a line for each problem that there is.
 */
export async function loadConfig(files: readonly string[], sources: ConfigSources): Promise<Plan> {
  const { readFile: read = readText } = sources;
  const texts: ConfigText[] = [];
  for (const file of files) {
    try {
      texts.push({ name: file, format: formatOf(file), text: await read(file) });
    } catch (error) {
      throw faults.CONFIG_UNREADABLE({ file }, error);
    }
  }
  return compile(texts, sources);
}

/** Reads one text as the whole configuration. Throws CONFIG_INVALID. `name` is that of its file. */
export function parseConfig(
  text: string,
  name: string,
  format: Format,
  surroundings: ConfigEnvironment,
): Plan {
  return compile([{ name, format, text }], surroundings);
}

async function readText(path: string): Promise<string> {
  return await readFile(path, "utf8");
}
