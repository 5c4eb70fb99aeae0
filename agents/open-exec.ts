import type { Plan } from "../lib/config/plan.ts";
import type { Exec, ExecDeps } from "./exec/agent.ts";
import type { Watch } from "./watch/contract.ts";

/** What a program that ends does. */
export interface EndingDeps {
  /** The program has ended by itself, and is not to be started again. */
  readonly onEnded: () => void;
}

/** What a reload of the configuration may have replaced. */
interface CurrentParts {
  readonly plan: Plan;
  readonly watch: Watch | undefined;
}

/** The agent that runs a program; undefined if the configuration has none. */
export async function openExec(
  { exec: plan }: Plan,
  id: string,
  current: () => CurrentParts,
  deps: ExecDeps & EndingDeps,
): Promise<Exec | undefined> {
  if (!plan?.run) return undefined;
  // Loaded on use: most configurations have no program.
  const { createExec } = await import("./exec/agent.ts");
  const files = () =>
    (current().watch?.parts.groups ?? []).map(({ title, proxy, files }) => {
      const targets = files.map((file) => file.plan.target.path);
      return { title, targets, isOfProxy: proxy !== undefined };
    });
  const drainMs = () => current().plan.presence?.drainDelayMs ?? 0;
  const exec = createExec(plan, { argv: plan.run, drainMs, files, id }, deps);
  const run = async (signal: AbortSignal) => {
    await exec.run(signal);
    deps.onEnded();
  };
  return { ...exec, run };
}
