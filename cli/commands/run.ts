import { faults } from "../../agents/faults.ts";
import { createLog, type Level } from "../../lib/base/log.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { problemLines } from "../../lib/config/located/problem.ts";
import { faults as checkFaults } from "../faults.ts";
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
    throw faults.AGENT_SECTION_MISSING({ files: named(files), section: needed });
  }
  let level = plan.log;
  const log = createLog(world.err, () => level);
  for (const warning of warnings) log.warn("setting_unknown", warning);
  const setLevel = (next: Level) => {
    level = next;
  };
  const read = () => readAgain(options, world);
  await runPlan(plan, options, log, world, signal, { read, setLevel });
}

/** Throws CLI_CHECK_FAILED with the sentences of `sidekick check`, CONFIG_UNREADABLE and AGENT_SECTION_MISSING. */
async function readAgain({ files, section }: RunPlanOptions, world: World) {
  const { examine } = await import("../check/examine.ts");
  const { plan, problems, warnings } = await examine(files, world);
  if (!plan || problems.length > 0)
    throw checkFaults.CLI_CHECK_FAILED({ problems: problemLines(problems) });
  if (section !== "any" && !plan[section])
    throw faults.AGENT_SECTION_MISSING({ files: named(files), section });
  return { plan, warnings };
}

function named(files: readonly string[]): readonly string[] {
  return files.length > 0 ? files : ["environment"];
}
