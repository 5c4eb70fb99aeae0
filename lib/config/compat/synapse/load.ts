import { faults } from "../../faults.ts";
import { problemLines } from "../../located/problem.ts";
import type { Plan } from "../../plan.ts";
import { readServiceTexts, readText } from "../read-files.ts";
import { planOf } from "./plan.ts";
import { type ReadSynapse, readSynapseConfig, type SynapseEnvironment } from "./read.ts";

export interface SynapseSources extends Omit<SynapseEnvironment, "serviceFiles"> {
  /** Receives a sentence for each setting that has no effect. */
  readonly onWarning?: (sentence: string) => void;
}

/**
 * The plan of a watcher for a configuration of Synapse. Throws CONFIG_UNREADABLE, and CONFIG_INVALID with one line for each
 * problem and each setting that a watcher cannot do.
 */
export async function loadSynapsePlan(
  file: string,
  { random, onWarning, ...sources }: SynapseSources & { readonly random: () => number },
): Promise<Plan> {
  const { settings, problems, unsupported, warnings } = await examineSynapseConfig(file, sources);
  const all = [...problems, ...unsupported];
  if (!settings || all.length > 0) throw faults.CONFIG_INVALID({ lines: problemLines(all) });
  for (const line of problemLines(warnings)) onWarning?.(line);
  return planOf(settings, file, random);
}

/** Reads a configuration of Synapse, and the files of its services. Returns the problems. Throws CONFIG_UNREADABLE. */
export async function examineSynapseConfig(
  file: string,
  sources: SynapseSources,
): Promise<ReadSynapse> {
  const text = await readText(file);
  const alone = readSynapseConfig(text, file, sources);
  if (alone.serviceFolder === undefined) return alone;
  const serviceFiles = await readServiceTexts(alone.serviceFolder);
  return readSynapseConfig(text, file, { ...sources, serviceFiles });
}
