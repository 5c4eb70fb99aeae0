import { faults } from "../../agents/faults.ts";
import { createLog, type Level, type LogFormat, usualFormat } from "../../lib/base/log.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { problemLines } from "../../lib/config/located/problem.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { defaultExec } from "../../lib/config/plan-of.ts";
import { faults as checkFaults } from "../faults.ts";
import { type RunPlanOptions, runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

export interface RunOptions extends RunPlanOptions {
  /** The program to run, in place of the one of the configuration; empty for that one, which there has to be. */
  readonly program?: readonly string[];
  /** The lowest level of the log, in place of that of the configuration. */
  readonly logLevel?: Level | undefined;
  /** By default, that depends on standard error. */
  readonly logFormat?: LogFormat | undefined;
}

/**
 * Runs agents until the signal aborts, and waits until they have stopped. Returns the exit code of their program, 0 without one.
 * Throws AGENT_SECTION_MISSING and AGENT_PROGRAM_MISSING.
 */
export async function run(options: RunOptions, world: World, signal: AbortSignal): Promise<number> {
  const { files, section, onceMs, program, logLevel, logFormat = usualFormat(world.err) } = options;
  // A configuration that is invalid is a line of the log, too.
  world.err.begin?.(logFormat);
  const warnings: string[] = [];
  const onWarning = (sentence: string) => warnings.push(sentence);
  const loaded = await loadConfig(files, { ...world, onWarning });
  const plan = program ? withProgram(loaded, program, files) : loaded;
  const needed = onceMs === undefined ? section : "watch";
  if (needed !== "any" && !plan[needed]) {
    throw faults.AGENT_SECTION_MISSING({ files: named(files), section: needed });
  }
  let level = logLevel ?? plan.log;
  const log = createLog(world.err, () => level, logFormat);
  for (const warning of warnings) log.warn("setting_unknown", warning);
  const setLevel = (next: Level) => {
    level = logLevel ?? next;
  };
  const read = () => readAgain(options, world);
  return await runPlan(plan, options, log, world, signal, { read, setLevel });
}

/** Throws CLI_CHECK_FAILED with the sentences of `sidekick check`, CONFIG_UNREADABLE, AGENT_SECTION_MISSING and AGENT_PROGRAM_MISSING. */
async function readAgain({ files, section, program }: RunOptions, world: World) {
  const { examine } = await import("../check/examine.ts");
  const { plan, problems, warnings } = await examine(files, world);
  if (!plan || problems.length > 0)
    throw checkFaults.CLI_CHECK_FAILED({ problems: problemLines(problems) });
  if (section !== "any" && !plan[section])
    throw faults.AGENT_SECTION_MISSING({ files: named(files), section });
  return { plan: program ? withProgram(plan, program, files) : plan, warnings };
}

/** The plan with this program, or its own if it is empty. */
function withProgram(plan: Plan, program: readonly string[], files: readonly string[]): Plan {
  const exec = plan.exec ?? defaultExec();
  if (program.length > 0) return { ...plan, exec: { ...exec, run: program } };
  if (exec.run) return plan;
  throw faults.AGENT_PROGRAM_MISSING({ files });
}

function named(files: readonly string[]): readonly string[] {
  return files.length > 0 ? files : ["environment"];
}
