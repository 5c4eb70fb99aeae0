import { printableJson } from "../../lib/base/printable.ts";
import { race } from "../../lib/base/signal.ts";
import { getJson, postJson } from "../../lib/control/client.ts";
import type { Drained, DrainRequest, InstanceSelection } from "../../lib/control/contract.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { withAnswerTimeout } from "../answer-timeout.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface DrainOptions extends AgentSelector, InstanceSelection, DrainRequest {
  /** How long to wait until they are deregistered, in milliseconds; undefined for `forMs` and a grace. The drain goes on after it. */
  readonly timeoutMs: number | undefined;
  /** Print JSON instead of text. */
  readonly json: boolean;
}

/**
 * Drains instances of a running agent and waits until they are deregistered. Returns 1 if a watcher did not acknowledge, or if
 * one was undrained meanwhile. Throws CONTROL_TIMEOUT, after which the drain goes on.
 */
export async function drain(
  { names, all, forMs, wait, timeoutMs = forMs + answerMs, json, ...selector }: DrainOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(selector, world, signal);
  const request = { names, all, forMs, wait };
  const draining = (signal: AbortSignal) =>
    race<Drained>(
      signal,
      (s) => postJson<Drained>(path, "/drain", request, s),
      ...(wait ? [(s: AbortSignal) => printWaiting(path, world, s)] : []),
    );
  const result = await withAnswerTimeout(path, draining, world, signal, timeoutMs);
  const { cancelled, missing } = result;
  world.out.write(json ? `${printableJson(result, 2)}\n` : formatDrained(result));
  for (const { name, watcher } of missing) {
    world.err.write(
      `watcher ${watcher} has not acknowledged: its proxies may still send requests to ${name}\n`,
    );
  }
  return missing.length + cancelled.length > 0 ? 1 : 0;
}

/** How much longer than the drain its answer may take, in milliseconds: the keyspace is written meanwhile. */
const answerMs = 10_000;

function formatDrained({ drained, cancelled }: Drained): string {
  const lines = [
    ...drained.map((name) => `${name} is drained and deregistered\n`),
    ...cancelled.map((name) => `${name} was undrained, started again or ended meanwhile\n`),
  ];
  return lines.join("") || "there are no instances to drain\n";
}

/** How often the watchers that a drain waits for are looked up, in milliseconds. */
const waitingMs = 1000;

/** Prints which watchers the agent waits for, whenever these are others. Ends only when `signal` aborts. */
async function printWaiting(
  path: string,
  { clock, err }: World,
  signal: AbortSignal,
): Promise<never> {
  let printed = "";
  for (;;) {
    await clock.sleep(waitingMs, signal);
    // A failure ends the request, too, which reports it.
    const report = await getJson<StatusReport>(path, "/status", signal).catch(() => undefined);
    const instances = report?.presence?.instances ?? [];
    const watchers = new Set(instances.flatMap(({ drain }) => drain?.waitingFor ?? []));
    const waiting = [...watchers].sort().join(", ");
    if (waiting !== "" && waiting !== printed) err.write(`waiting for ${waiting}\n`);
    printed = waiting;
  }
}
