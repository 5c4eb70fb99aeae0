import type { Values } from "../../agents/exec/variables.ts";
import { Variables } from "../../agents/exec/variables.ts";
import { faults as agentFaults } from "../../agents/faults.ts";
import { awaitSnapshots } from "../../agents/watch/await-snapshot.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { openMounts } from "../../lib/keyspace/mounts/open.ts";
import { findProgram } from "../env/find-program.ts";
import { type EnvFormat, formatVariables } from "../env/formats.ts";
import { sentenceLog } from "../standard-error.ts";
import type { World } from "../world.ts";

export interface EnvOptions {
  readonly files: readonly string[];
  readonly format: EnvFormat;
  /** How long to wait for the keyspace, in milliseconds. */
  readonly timeoutMs: number;
  /** The program to run with the variables, in place of printing them. */
  readonly program?: readonly string[] | undefined;
}

/**
 * Prints the variables of `exec.env` as the keyspace has them now, or becomes a program with them in its environment. Throws
 * AGENT_SECTION_MISSING, AGENT_KEYSPACE_TIMEOUT, the RENDER_ fault of a variable, CLI_VARIABLE_UNPRINTABLE and CLI_PROGRAM_NOT_FOUND.
 */
export async function env(
  { files, format, timeoutMs, program }: EnvOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const values = await readVariables(files, timeoutMs, world, signal);
  if (!program) return world.out.write(formatVariables(values, format));
  const all = { ...world.env, ...values };
  const { path, argv } = await findProgram(program, all);
  await world.replaceProcess(path, argv, all);
}

async function readVariables(
  files: readonly string[],
  timeoutMs: number,
  world: World,
  signal: AbortSignal,
): Promise<Values> {
  const log = sentenceLog(world.err);
  const onWarning = (sentence: string) => log.warn("setting_unknown", sentence);
  const plan = await loadConfig(files, { ...world, onWarning });
  if (!plan.exec || Object.keys(plan.exec.env).length === 0) {
    const named = files.length > 0 ? files : ["environment"];
    throw agentFaults.AGENT_SECTION_MISSING({ files: named, section: "exec.env" });
  }
  await using mounts = await openMounts(plan, world);
  const variables = new Variables({ ...plan.exec, hidden: mounts.ownFolders }, world);
  const reading = { ...world, log, mounts };
  const { snapshot, unread } = await awaitSnapshots(variables.prefixes, timeoutMs, reading, signal);
  for (const fault of unread.values()) throw fault;
  return await variables.render(snapshot, signal);
}
