import { faults } from "../../agents/faults.ts";
import { type AgentsDeps, run as runAgents } from "../../agents/run.ts";
import { watchOnce } from "../../agents/watch/once.ts";
import { createLog, type Log } from "../../lib/base/log.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { openMounts } from "../../lib/keyspace/mounts/open.ts";
import type { Selection } from "../../lib/status/paths.ts";
import type { AgentSignal } from "../signals.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

export interface RunOptions extends Selection {
  /** Render, check, install and apply once, and wait for keyspace and proxies at most so many milliseconds; then exit. */
  readonly onceMs?: number | undefined;
}

/** Runs agents until the signal aborts, and waits until they have stopped. Throws AGENT_SECTION_MISSING. */
export async function run(
  { files, section, onceMs }: RunOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  // A configuration that is invalid is a line of the log, too.
  world.err.begin?.();
  const warnings: string[] = [];
  const onWarning = (sentence: string) => warnings.push(sentence);
  const plan = await loadConfig(files, { ...world, onWarning });
  if (section !== "any" && !plan[section]) throw faults.AGENT_SECTION_MISSING({ files, section });
  const log = createLog(world.err, plan.log);
  for (const warning of warnings) log.warn("setting_unknown", warning);
  await using mounts = await openMounts(plan, world);
  const deps: AgentsDeps = { ...world, log, mounts, version: version(world.shipped) };
  if (onceMs === undefined) {
    using _ = world.onAgentSignal((name) => logIgnored(name, log));
    return await runAgents(plan, { files, section }, deps, signal);
  }
  const { watch } = plan;
  if (!watch) throw faults.AGENT_SECTION_MISSING({ files, section: "watch" });
  await watchOnce(watch, onceMs, deps, signal);
}

function logIgnored(signal: AgentSignal, log: Log): void {
  const hint = signal === "SIGHUP" ? ": restart sidekick to use a changed configuration" : "";
  log.warn("signal_ignored", `${signal} is ignored${hint}`, { signal });
}
