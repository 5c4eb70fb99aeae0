import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { faults } from "../../faults.ts";
import { problemLines } from "../../located/problem.ts";
import type { Plan } from "../../plan.ts";
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
  const files = serviceFolder === undefined ? [] : await filesIn(serviceFolder);
  const serviceFiles = await Promise.all(
    files.map(async (one) => ({ file: one, text: await readText(one) })),
  );
  const { plan, problems, warnings } = readNerveConfig(text, file, {
    ...environment,
    serviceFiles,
  });
  if (!plan) throw faults.CONFIG_INVALID({ lines: problemLines(problems) });
  return { plan, warnings: problemLines(warnings) };
}

/** The `.json` and `.yaml` files of a folder, sorted. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    const fitting = names.filter((name) => /^[^.].*\.(json|yaml)$/.test(name)).sort();
    return fitting.map((name) => join(folder, name));
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
