import type { AgentsDeps } from "../agents/deps.ts";
import type { ReloadSource } from "../agents/reload/source.ts";
import type { Log } from "../lib/base/log.ts";
import type { Plan } from "../lib/config/plan.ts";
import { OpenKeyspaces } from "../lib/keyspace/mounts/open-keyspaces.ts";
import type { Selection } from "../lib/status/paths.ts";
import { followReloads } from "./follow-reloads.ts";
import type { AgentSignal } from "./signals.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

export interface RunPlanOptions extends Selection {
  /** Render, check, install and apply once, and wait for keyspace and proxies at most so many milliseconds; then exit. */
  readonly onceMs?: number | undefined;
  /** Whether the configuration is reloaded whenever its files change. */
  readonly watchConfig?: boolean | undefined;
}

/** How the configuration of a plan is read again; absent where it cannot be. */
export type Reread = Pick<ReloadSource, "read" | "setLevel">;

/**
 * Runs the agents of a plan until the signal aborts, and waits until they have stopped; or its watcher once. Returns the exit code
 * of the program that they run, 0 without one.
 */
export async function runPlan(
  plan: Plan,
  { files, section, onceMs, watchConfig = false }: RunPlanOptions,
  log: Log,
  world: World,
  signal: AbortSignal,
  reread?: Reread,
): Promise<number> {
  await using keyspaces = await OpenKeyspaces.open(plan, world);
  const { mounts } = keyspaces;
  const deps: AgentsDeps = { ...world, log, mounts, version: version(world.shipped) };
  if (onceMs !== undefined && plan.watch) {
    const { watchOnce } = await import("../agents/watch/once.ts");
    await watchOnce(plan.watch, onceMs, deps, signal);
    return 0;
  }
  let reload: ((why: string) => Promise<unknown>) | undefined;
  using _ = world.onAgentSignal((name) => {
    if (name === "SIGHUP" && reload) void reload("SIGHUP");
    else logIgnored(name, log);
  });
  const source = reread && {
    ...{ ...reread, keyspaces },
    follow: (asked: (why: string) => Promise<unknown>, s: AbortSignal) => {
      reload = asked;
      return followReloads(watchConfig ? files : [], asked, world.clock, s);
    },
  };
  const { run } = await import("../agents/run.ts");
  return await run(plan, { files, section }, deps, signal, source);
}

function logIgnored(signal: AgentSignal, log: Log): void {
  const hint = signal === "SIGHUP" ? ": restart sidekick to use a changed configuration" : "";
  log.warn("signal_ignored", `${signal} is ignored${hint}`, { signal });
}
