import { faults } from "../../faults.ts";
import { problemLines } from "../../located/problem.ts";
import type { Plan } from "../../plan.ts";
import { readServiceTexts, readText } from "../read-files.ts";
import { type NerveEnvironment, readNerveConfig } from "./read.ts";

/** What Nerve is asked to do. */
export interface Nerve {
  readonly plan: Plan;
  /** Sentences about settings without an effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads a configuration of Nerve, and the files of its services. Throws CONFIG_UNREADABLE, and CONFIG_INVALID with one line
 * for each problem.
 */
export async function loadNerve(
  file: string,
  environment: Omit<NerveEnvironment, "serviceFiles">,
): Promise<Nerve> {
  const text = await readText(file);
  const { serviceFolder } = readNerveConfig(text, file, environment);
  const serviceFiles = serviceFolder === undefined ? [] : await readServiceTexts(serviceFolder);
  const { plan, problems, warnings } = readNerveConfig(text, file, {
    ...environment,
    serviceFiles,
  });
  if (!plan) throw faults.CONFIG_INVALID({ lines: problemLines(problems) });
  return { plan, warnings: problemLines(warnings) };
}
