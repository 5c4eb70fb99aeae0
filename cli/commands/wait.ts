import { printableJson } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { InstanceSelection, Served, ServedRequest } from "../../lib/control/contract.ts";
import { graceMs, withAnswerTimeout } from "../answer-timeout.ts";
import { awaitAgent } from "../await-agent.ts";
import type { AgentSelector } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface WaitOptions extends AgentSelector, InstanceSelection, ServedRequest {
  /** Print JSON instead of text. */
  readonly json: boolean;
}

/**
 * Waits until the proxies of enough watchers send requests to instances of an agent, which may be starting. Returns 1 if one is
 * not served at the limit, or not known to be.
 */
export async function wait(
  { names, all, minShare, limitMs, json, ...selector }: WaitOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const startMs = world.clock.now();
  const path = await awaitAgent(selector, limitMs, world, signal);
  const restMs = Math.max(0, limitMs - (world.clock.now() - startMs));
  const request = (s: AbortSignal) =>
    postJson<Served>(path, "/served", { names, all, minShare, limitMs: restMs }, s);
  const result = await withAnswerTimeout(path, request, world, signal, restMs + graceMs);
  world.out.write(json ? `${printableJson(result, 2)}\n` : formatServed(result));
  return result.instances.every(({ isServed }) => isServed) ? 0 : 1;
}

function formatServed({ instances }: Served): string {
  const lines = instances.map(({ name, isServed, isKnown, serving, watchers, why }) => {
    if (!isKnown) return `it is not known whether ${name} is served: ${why}\n`;
    if (!isServed) return `${name} is not served: ${why}\n`;
    return `${name} is served by ${serving} of ${watchers} ${watchers === 1 ? "watcher" : "watchers"}\n`;
  });
  return lines.join("") || "there are no instances to wait for\n";
}
