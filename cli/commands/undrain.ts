import { printableJson } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { InstanceSelection, Operated } from "../../lib/control/contract.ts";
import { withAnswerTimeout } from "../answer-timeout.ts";
import { formatOperated } from "../format-operated.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface UndrainOptions extends AgentSelector, InstanceSelection {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** How long to wait until the instances are registered, in milliseconds. */
  readonly timeoutMs: number;
}

/** Ends requested drains of a running agent, and waits until the healthy instances are registered again. */
export async function undrain(
  { names, all, json, timeoutMs, ...selector }: UndrainOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const path = await locateAgent(selector, world, signal);
  const request = (s: AbortSignal) => postJson<Operated>(path, "/undrain", { names, all }, s);
  const result = await withAnswerTimeout(path, request, world, signal, timeoutMs);
  const text = formatOperated(result) || "no instance was drained\n";
  world.out.write(json ? `${printableJson(result, 2)}\n` : text);
}
