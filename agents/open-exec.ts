import type { Plan } from "../lib/config/plan.ts";
import type { Selection } from "../lib/status/paths.ts";
import type { Exec, ExecDeps } from "./exec/agent.ts";
import type { Watch } from "./watch/agent.ts";

/** What a program that ends does. */
export interface EndingDeps {
  /** The program has ended by itself, and is not to be started again. */
  readonly onEnded: () => void;
}

/** The agent that runs a program; undefined if the configuration has none, or only some of the agents are to run. */
export async function openExec(
  { exec: plan, presence }: Plan,
  { section }: Selection,
  id: string,
  watching: () => Watch | undefined,
  deps: ExecDeps & EndingDeps,
): Promise<Exec | undefined> {
  if (!plan?.run || section !== "any") return undefined;
  // Loaded on use: most configurations have no program.
  const { createExec } = await import("./exec/agent.ts");
  const files = () =>
    (watching()?.parts.groups ?? []).map(({ title, proxy, files }) => {
      const targets = files.map((file) => file.plan.target.path);
      return { title, targets, isOfProxy: proxy !== undefined };
    });
  const drainMs = presence?.drainDelayMs ?? 0;
  const exec = createExec(plan, { argv: plan.run, drainMs, files, id }, deps);
  const run = async (signal: AbortSignal) => {
    await exec.run(signal);
    deps.onEnded();
  };
  return { ...exec, run };
}
