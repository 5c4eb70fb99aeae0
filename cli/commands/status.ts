import { fetchReport } from "../../lib/control/client.ts";
import { isHealthy, isReady } from "../../lib/status/conditions.ts";
import { formatReport } from "../../lib/status/format.ts";
import { type AgentSelector, locateAgent, withAnswerTimeout } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface StatusOptions extends AgentSelector {
  /** As JSON, for programs. */
  readonly json: boolean;
  /** Whether it is ready is what decides, not whether it is healthy. */
  readonly ready: boolean;
}

/** Says how a running agent fares; the exit code is 0 only when it is healthy, or ready if that was asked. */
export async function status(
  options: StatusOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(options, world, signal);
  const report = await withAnswerTimeout(path, (s) => fetchReport(path, s), world, signal);
  const [healthy, ready] = [isHealthy(report), isReady(report)];
  world.out.write(
    options.json ? `${JSON.stringify(report, undefined, 2)}\n` : formatReport(report),
  );
  return (options.ready ? ready : healthy) ? 0 : 1;
}
