import { faults } from "../../agents/faults.ts";
import { createLog } from "../../lib/base/log.ts";
import { loadConfig } from "../../lib/config/load.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { defaultExec } from "../../lib/config/plan-of.ts";
import { type RunPlanOptions, runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

export interface RunOptions extends RunPlanOptions {
  /** The program to run, in place of the one of the configuration; empty for that one, which there has to be. */
  readonly program?: readonly string[];
}

/**
 * Runs agents until the signal aborts, and waits until they have stopped. Returns the exit code of their program, 0 without one.
 * Throws AGENT_SECTION_MISSING and AGENT_PROGRAM_MISSING.
 */
export async function run(options: RunOptions, world: World, signal: AbortSignal): Promise<number> {
  const { files, section, onceMs, program } = options;
  // A configuration that is invalid is a line of the log, too.
  world.err.begin?.();
  const warnings: string[] = [];
  const onWarning = (sentence: string) => warnings.push(sentence);
  const loaded = await loadConfig(files, { ...world, onWarning });
  const plan = program ? withProgram(loaded, program, files) : loaded;
  const needed = onceMs === undefined ? section : "watch";
  if (needed !== "any" && !plan[needed]) {
    const named = files.length > 0 ? files : ["environment"];
    throw faults.AGENT_SECTION_MISSING({ files: named, section: needed });
  }
  const log = createLog(world.err, plan.log);
  for (const warning of warnings) log.warn("setting_unknown", warning);
  return await runPlan(plan, options, log, world, signal);
}

/** The plan with this program, or its own if it is empty. */
function withProgram(plan: Plan, program: readonly string[], files: readonly string[]): Plan {
  const exec = plan.exec ?? defaultExec();
  if (program.length > 0) return { ...plan, exec: { ...exec, run: program } };
  if (exec.run) return plan;
  throw faults.AGENT_PROGRAM_MISSING({ files });
}
