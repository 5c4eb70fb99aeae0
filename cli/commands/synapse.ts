import { createLog } from "../../lib/base/log.ts";
import { loadSynapsePlan } from "../../lib/config/compat/synapse/load.ts";
import { runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

/** Runs a watcher with a configuration of Synapse until the signal aborts. Throws CONFIG_UNREADABLE or CONFIG_INVALID. */
export async function synapse(file: string, world: World, signal: AbortSignal): Promise<void> {
  world.err.begin?.();
  const warnings: string[] = [];
  const onWarning = (sentence: string) => warnings.push(sentence);
  const plan = await loadSynapsePlan(file, { ...world, onWarning });
  const log = createLog(world.err, plan.log);
  for (const warning of warnings) log.warn("option_ineffective", warning);
  await runPlan(plan, { files: [file], section: "watch" }, log, world, signal);
}
