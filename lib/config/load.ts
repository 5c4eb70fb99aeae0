import { readFile } from "node:fs/promises";
import { type ConfigEnvironment, compile, type Examined, examine } from "./compile.ts";
import { faults } from "./faults.ts";
import { type Format, formatOf, type SourceText } from "./located/parse.ts";
import { isConfiguredByEnvironment, textOfEnvironment } from "./of-environment.ts";
import type { Plan } from "./plan.ts";

export interface ConfigSources extends ConfigEnvironment {
  readonly readFile?: (path: string) => Promise<string>;
}

/**
 * Reads several files as one configuration: objects are merged, lists joined. Without a file, the environment may be one. Throws CONFIG_UNREADABLE, and
 * CONFIG_INVALID with one line for each problem.
 */
export async function loadConfig(files: readonly string[], sources: ConfigSources): Promise<Plan> {
  return compile(await readTexts(files, sources), sources);
}

/** Reads the same, but returns the problems instead of throwing CONFIG_INVALID. */
export async function examineConfig(
  files: readonly string[],
  sources: ConfigSources,
): Promise<Examined> {
  return examine(await readTexts(files, sources), sources);
}

async function readTexts(
  files: readonly string[],
  sources: ConfigSources,
): Promise<readonly SourceText[]> {
  const { readFile: read = readText } = sources;
  if (files.length === 0 && isConfiguredByEnvironment(sources.env)) {
    return [textOfEnvironment(sources.env)];
  }
  const texts: SourceText[] = [];
  for (const file of files) {
    try {
      texts.push({ name: file, format: formatOf(file), text: await read(file) });
    } catch (error) {
      throw faults.CONFIG_UNREADABLE({ file }, error);
    }
  }
  return texts;
}

/** Reads one text as the whole configuration. `name` is that of its file. Throws CONFIG_INVALID. */
export function parseConfig(
  text: string,
  name: string,
  format: Format,
  environment: ConfigEnvironment,
): Plan {
  return compile([{ name, format, text }], environment);
}

async function readText(path: string): Promise<string> {
  return await readFile(path, "utf8");
}
