import { faults } from "../../agents/faults.ts";
import { createLog } from "../../lib/base/log.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { type RunPlanOptions, runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

/** Runs agents until the signal aborts, and waits until they have stopped. Throws AGENT_SECTION_MISSING. */
export async function run(
  options: RunPlanOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { files, section, onceMs } = options;
  // A configuration that is invalid is a line of the log, too.
  world.err.begin?.();
  const warnings: string[] = [];
  const onWarning = (sentence: string) => warnings.push(sentence);
  const plan = await loadConfig(files, { ...world, onWarning });
  const needed = onceMs === undefined ? section : "watch";
  if (needed !== "any" && !plan[needed]) {
    const named = files.length > 0 ? files : ["environment"];
    throw faults.AGENT_SECTION_MISSING({ files: named, section: needed });
  }
  const log = createLog(world.err, plan.log);
  for (const warning of warnings) log.warn("setting_unknown", warning);
  await runPlan(plan, options, log, world, signal);
}
