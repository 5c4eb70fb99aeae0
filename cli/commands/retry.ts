import { printable, printableJson } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { Retried } from "../../lib/control/contract.ts";
import { graceMs, withAnswerTimeout } from "../answer-timeout.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface RetryOptions extends AgentSelector {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** How long to wait for the results, in milliseconds. */
  readonly timeoutMs: number;
}

/** Has a running agent apply every file again at once. Returns 1 if any of them is not in sync after that. */
export async function retry(
  { json, timeoutMs, ...selector }: RetryOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(selector, world, signal);
  const request = (s: AbortSignal) => postJson<Retried>(path, "/retry", { limitMs: timeoutMs }, s);
  const result = await withAnswerTimeout(path, request, world, signal, timeoutMs + graceMs);
  const lines = result.files.map(({ target, state, why }) => {
    return `${printable(`${target} is ${state}${why && `: ${why}`}`)}\n`;
  });
  world.out.write(json ? `${printableJson(result, 2)}\n` : lines.join(""));
  return result.files.every(({ state }) => state === "in sync") ? 0 : 1;
}
