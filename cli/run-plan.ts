import type { AgentsDeps } from "../agents/run.ts";
import type { Log } from "../lib/base/log.ts";
import type { Plan } from "../lib/config/plan.ts";
import { openMounts } from "../lib/keyspace/mounts/open.ts";
import type { Selection } from "../lib/status/paths.ts";
import type { AgentSignal } from "./signals.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

export interface RunPlanOptions extends Selection {
  /** Render, check, install and apply once, and wait for keyspace and proxies at most so many milliseconds; then exit. */
  readonly onceMs?: number | undefined;
}

/**
 * Runs the agents of a plan until the signal aborts, and waits until they have stopped; or its watcher once. Returns the exit code
 * of the program that they run, 0 without one.
 */
export async function runPlan(
  plan: Plan,
  { files, section, onceMs }: RunPlanOptions,
  log: Log,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  await using mounts = await openMounts(plan, world);
  const deps: AgentsDeps = { ...world, log, mounts, version: version(world.shipped) };
  if (onceMs !== undefined && plan.watch) {
    const { watchOnce } = await import("../agents/watch/once.ts");
    await watchOnce(plan.watch, onceMs, deps, signal);
    return 0;
  }
  using _ = world.onAgentSignal((name) => logIgnored(name, log));
  const { run } = await import("../agents/run.ts");
  return await run(plan, { files, section }, deps, signal);
}

function logIgnored(signal: AgentSignal, log: Log): void {
  const hint = signal === "SIGHUP" ? ": restart sidekick to use a changed configuration" : "";
  log.warn("signal_ignored", `${signal} is ignored${hint}`, { signal });
}
