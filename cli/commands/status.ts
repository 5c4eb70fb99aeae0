import { askForReport } from "../../lib/control/client.ts";
import { isHealthy, isReady } from "../../lib/status/conditions.ts";
import { inWords } from "../../lib/status/format.ts";
import type { World } from "../world.ts";
import { findAgent, soon, type Which } from "../locate-agent.ts";

export interface StatusOptions extends Which {
  /** As JSON, for programs. */
  readonly json: boolean;
  /** Whether it is ready is what decides, not whether it is healthy. */
  readonly ready: boolean;
}

/** Says how a running agent fares; the exit code is 0 only when it is healthy, or ready if that was asked. */
export async function status(
  options: StatusOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const path = await findAgent(options, world, signal);
  const report = await soon(path, (s) => askForReport(path, s), world, signal);
  const [healthy, ready] = [isHealthy(report), isReady(report)];
  world.out.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : inWords(report));
  return (options.ready ? ready : healthy) ? 0 : 1;
}
