import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { Fault } from "../lib/base/fault.ts";
import { createLog, type Log, usualFormat } from "../lib/base/log.ts";
import type { Plan } from "../lib/config/plan.ts";
import { reportFailure } from "./standard-error.ts";
import type { World } from "./world.ts";

/** Runs `work` in place of another program: a fault is reported, and gives that program's exit code for failures. */
export async function inPlaceOf(
  { err }: Pick<World, "err">,
  failed: number,
  work: () => Promise<number>,
): Promise<number> {
  err.begin?.(usualFormat(err));
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    reportFailure(error, err);
    return failed;
  }
}

/** The log of a plan, which begins with the options and settings of the other program that have no effect. */
export function logOf(plan: Plan, warnings: readonly string[], { err }: Pick<World, "err">): Log {
  const log = createLog(err, plan.log);
  for (const warning of warnings) log.warn("option_ineffective", warning);
  return log;
}

/** The options of a command line without other arguments; the problem as a sentence. */
export function parsedOptions<T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The help of a program with the options of Go: its first line, what it does, and its options. */
export function flagsUsage(
  line: string,
  purpose: string,
  options: readonly { readonly name: string; readonly help: string }[],
): string {
  const lines = options.map(({ name, help }) => `  -${name.padEnd(17)}${help}`);
  return [`Usage: ${line}`, "", purpose, "", ...lines, ""].join("\n");
}
