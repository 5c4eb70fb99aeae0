import { requestDrain } from "../../lib/control/client.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface DrainOptions extends AgentSelector {
  /** `<service>/<id>` of each; empty for all instances of the agent. */
  readonly names: readonly string[];
  /** How long they take no new requests before they are deregistered, in milliseconds. */
  readonly forMs: number;
  /** Deregister them sooner, once every watcher has acknowledged; `forMs` is the limit. */
  readonly wait: boolean;
}

/** Drains instances of a running agent and waits until they are deregistered. Returns 1 if a watcher did not acknowledge. */
export async function drain(
  { names, forMs, wait, ...selector }: DrainOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(selector, world, signal);
  const { drained, missing } = await requestDrain(path, { names, forMs, wait }, signal);
  const lines = drained.map((name) => `${name} is drained and deregistered\n`);
  world.out.write(lines.join("") || "there are no instances to drain\n");
  for (const { name, watcher } of missing) {
    world.err.write(
      `watcher ${watcher} has not acknowledged: its proxies may still send requests to ${name}\n`,
    );
  }
  return missing.length > 0 ? 1 : 0;
}
