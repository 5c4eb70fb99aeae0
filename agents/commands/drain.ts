import { askToDrain } from "../../lib/status/client.ts";
import type { World } from "../world.ts";
import { findAgent, type Which } from "./ask.ts";

export interface DrainOptions extends Which {
  /** `<service>/<id>` of each; all that the agent announces where none is named. */
  readonly names: readonly string[];
  /** How long they take no new requests before they are removed. */
  readonly forMs: number;
}

/** Has a running agent drain instances, and says when they are gone. */
export async function drain(
  { names, forMs, ...which }: DrainOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const path = await findAgent(which, world, signal);
  const drained = await askToDrain(path, { names, forMs }, signal);
  const lines = drained.map((name) => `${name} is drained and removed\n`);
  world.out.write(lines.join("") || "there is nobody to drain\n");
}
