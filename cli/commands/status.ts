import { printableJson } from "../../lib/base/printable.ts";
import { getJson } from "../../lib/control/client.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { formatReport } from "../../lib/status/format.ts";
import { type AgentSelector, locateAgent, withAnswerTimeout } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface StatusOptions extends AgentSelector {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** The question that the exit code answers; `degraded` if the options ask none. */
  readonly question: "healthy" | "ready" | "degraded";
}

/** The exit code of an agent that is healthy and degraded. */
const degradedCode = 3;

/**
 * Prints the status of a running agent. Returns 0 if all is as it should be, 3 if it is degraded and 1 if it is unhealthy;
 * for the other questions, 0 if the answer is yes and 1 otherwise.
 */
export async function status(
  { json, question, ...selector }: StatusOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(selector, world, signal);
  const report = await withAnswerTimeout(
    path,
    (s) => getJson<StatusReport>(path, "/status", s),
    world,
    signal,
  );
  world.out.write(json ? `${printableJson(report, 2)}\n` : formatReport(report));
  const { healthy, ready, degraded } = report;
  if (question === "ready") return ready ? 0 : 1;
  if (!healthy) return 1;
  return question === "degraded" && degraded ? degradedCode : 0;
}
