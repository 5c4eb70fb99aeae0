import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { faults } from "../../faults.ts";
import { problemLines } from "../../located/problem.ts";
import { type ReadSynapse, readSynapseConfig, type SynapseEnvironment } from "./read.ts";
import type { SynapseSettings } from "./settings.ts";

export interface SynapseSources extends Omit<SynapseEnvironment, "serviceFiles"> {
  /** Receives a sentence for each setting that has no effect. */
  readonly onWarning?: (sentence: string) => void;
}

/**
 * Reads a configuration of Synapse, and the files of its services. Throws CONFIG_UNREADABLE, and CONFIG_INVALID with one line
 * for each problem.
 */
export async function loadSynapseConfig(
  file: string,
  sources: SynapseSources,
): Promise<SynapseSettings> {
  const { settings, problems, warnings } = await examineSynapseConfig(file, sources);
  if (!settings) throw faults.CONFIG_INVALID({ lines: problemLines(problems) });
  for (const line of problemLines(warnings)) sources.onWarning?.(line);
  return settings;
}

/** Reads the same, but returns the problems instead of throwing CONFIG_INVALID. */
export async function examineSynapseConfig(
  file: string,
  sources: SynapseSources,
): Promise<ReadSynapse> {
  const text = await readText(file);
  const alone = readSynapseConfig(text, file, sources);
  if (alone.serviceFolder === undefined) return alone;
  const files = await filesIn(alone.serviceFolder);
  const serviceFiles = await Promise.all(
    files.map(async (one) => ({ file: one, text: await readText(one) })),
  );
  return readSynapseConfig(text, file, { ...sources, serviceFiles });
}

/** The `.json` and `.yaml` files of a folder, sorted. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /^[^.].*\.(json|yaml)$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    throw faults.CONFIG_UNREADABLE({ file: folder }, error);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw faults.CONFIG_UNREADABLE({ file }, error);
  }
}
