import { printable, printableJson } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { Reloaded } from "../../lib/control/contract.ts";
import { withAnswerTimeout } from "../answer-timeout.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface ReloadOptions extends AgentSelector {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** How long to wait for the answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Has a running agent read its configuration again. Throws AGENT_RELOAD_REFUSED if that is not valid. */
export async function reload(
  { json, timeoutMs, ...selector }: ReloadOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const path = await locateAgent(selector, world, signal);
  const request = (s: AbortSignal) => postJson<Reloaded>(path, "/reload", {}, s);
  const result = await withAnswerTimeout(path, request, world, signal, timeoutMs);
  const { changes, warnings } = result;
  const all = [...warnings, ...(changes.length === 0 ? ["nothing has changed"] : changes)];
  const lines = all.map((line) => `${printable(line)}\n`);
  world.out.write(json ? `${printableJson(result, 2)}\n` : lines.join(""));
}
