import { printableJson } from "../../lib/base/printable.ts";
import { getJson } from "../../lib/control/client.ts";
import { isHealthy, isReady } from "../../lib/status/conditions.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { formatReport } from "../../lib/status/format.ts";
import { type AgentSelector, locateAgent, withAnswerTimeout } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface StatusOptions extends AgentSelector {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** Exit 0 only where it is ready, instead of healthy. */
  readonly ready: boolean;
}

/** Prints the status of a running agent. Returns 0 where it is healthy, or ready if that was asked for, and 1 otherwise. */
export async function status(
  options: StatusOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(options, world, signal);
  const report = await withAnswerTimeout(
    path,
    (s) => getJson<StatusReport>(path, "/status", s),
    world,
    signal,
  );
  const [healthy, ready] = [isHealthy(report), isReady(report)];
  world.out.write(options.json ? `${printableJson(report, 2)}\n` : formatReport(report));
  return (options.ready ? ready : healthy) ? 0 : 1;
}
