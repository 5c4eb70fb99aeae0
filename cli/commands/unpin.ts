import { printableJson, printableLines } from "../../lib/base/printable.ts";
import { postJson } from "../../lib/control/client.ts";
import type { Pinned } from "../../lib/control/contract.ts";
import { withAnswerTimeout } from "../answer-timeout.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface UnpinOptions extends AgentSelector {
  /** The path or the name of a file; undefined for all. */
  readonly target: string | undefined;
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** How long to wait for the answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Ends the pins of a running watcher: its files are made from the keyspace again. */
export async function unpin(
  { target, json, timeoutMs, ...selector }: UnpinOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const path = await locateAgent(selector, world, signal);
  const request = (s: AbortSignal) => postJson<Pinned>(path, "/unpin", { target }, s);
  const result = await withAnswerTimeout(path, request, world, signal, timeoutMs);
  const lines = result.files.map(
    ({ target, generation }) => `${target} is no longer pinned to generation ${generation}`,
  );
  const text = printableLines(lines.length > 0 ? lines : ["no file was pinned"]);
  world.out.write(json ? `${printableJson(result, 2)}\n` : text);
}
