import { requestDrain } from "../../lib/control/client.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface DrainOptions extends AgentSelector {
  /** `<service>/<id>` of each; all that the agent announces where none is named. */
  readonly names: readonly string[];
  /** How long they take no new requests before they are removed. */
  readonly forMs: number;
  /** Removed sooner, once every watcher that serves them has acknowledged. */
  readonly wait: boolean;
}

/** Has a running agent drain instances, and says when they are gone. Returns 1 where a watcher is still to acknowledge. */
export async function drain(
  { names, forMs, wait, ...which }: DrainOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await locateAgent(which, world, signal);
  const { drained, missing } = await requestDrain(path, { names, forMs, wait }, signal);
  const lines = drained.map((name) => `${name} is drained and removed\n`);
  world.out.write(lines.join("") || "there is nobody to drain\n");
  for (const { name, watcher } of missing) {
    world.err.write(
      `the watcher ${watcher} has not said that its proxies send nothing to ${name} any more\n`,
    );
  }
  return missing.length > 0 ? 1 : 0;
}
