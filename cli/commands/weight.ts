import { printableJson } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { Operated } from "../../lib/control/contract.ts";
import { withAnswerTimeout } from "../answer-timeout.ts";
import { formatOperated } from "../format-operated.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface WeightOptions extends AgentSelector {
  /** `<service>/<id>` */
  readonly name: string;
  /** 0 to 256; undefined for the weight that it has without a request. */
  readonly weight: number | undefined;
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** How long to wait until the keyspace has the weight, in milliseconds. */
  readonly timeoutMs: number;
}

/** Sets the weight of an instance of a running agent, and waits until the keyspace has it. */
export async function weight(
  { name, weight, json, timeoutMs, ...selector }: WeightOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const path = await locateAgent(selector, world, signal);
  const request = (s: AbortSignal) =>
    postJson<Operated>(path, "/weight", { names: [name], weight }, s);
  const result = await withAnswerTimeout(path, request, world, signal, timeoutMs);
  world.out.write(json ? `${printableJson(result, 2)}\n` : formatOperated(result));
}
