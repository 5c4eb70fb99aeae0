import { printableJson, printableLines } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { Pinned, PinRequest } from "../../lib/control/contract.ts";
import { graceMs, withAnswerTimeout } from "../answer-timeout.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface PinOptions extends AgentSelector, Omit<PinRequest, "limitMs"> {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** How long to wait until the texts are verified, in milliseconds. */
  readonly timeoutMs: number;
}

/** Has a running watcher keep the texts of a generation. Throws the fault for which it refuses that. */
export async function pin(
  { n, forMs, reason, json, timeoutMs, ...selector }: PinOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const path = await locateAgent(selector, world, signal);
  const body: PinRequest = { n, forMs, reason, limitMs: timeoutMs };
  const request = (s: AbortSignal) => postJson<Pinned>(path, "/pin", body, s);
  const result = await withAnswerTimeout(path, request, world, signal, timeoutMs + graceMs);
  const lines = result.files.map(
    ({ target, generation, until }) =>
      `${target} is pinned to generation ${generation} until ${until}`,
  );
  world.out.write(json ? `${printableJson(result, 2)}\n` : printableLines(lines));
}
