import { formatDuration } from "../lib/base/duration.ts";
import { Fault } from "../lib/base/fault.ts";
import { withTimeout } from "../lib/base/timeout.ts";
import { faults } from "../lib/control/faults.ts";
import { listenerOf } from "../lib/control/is-listening.ts";
import { type AgentSelector, locateAgent } from "./locate-agent.ts";
import type { World } from "./world.ts";

/** How often a socket is tried, and after how long it is printed what is waited for, in milliseconds. */
const [pollMs, printMs] = [100, 1000];

/**
 * The socket of an agent, which may be starting: the one that is named is waited for, `limitMs` milliseconds at the most. Where none
 * is named, there is nothing to wait for. Throws as `locateAgent`; CONTROL_NO_AGENT also at the limit.
 */
export async function awaitAgent(
  selector: AgentSelector,
  limitMs: number,
  world: World,
  signal: AbortSignal,
): Promise<string> {
  const { files, socket } = selector;
  if (files.length === 0 && socket === undefined) return await locateAgent(selector, world, signal);
  const where = socket ?? `the socket of ${files.join(", ")}`;
  const { clock, err } = world;
  const startMs = clock.now();
  let absent: Fault = faults.CONTROL_NO_AGENT({ where });
  let isPrinted = false;
  const polling = async (s: AbortSignal): Promise<string> => {
    for (;;) {
      const found = await listeningAgent(selector, world, s);
      if (typeof found === "string") return found;
      absent = found;
      if (!isPrinted && clock.now() - startMs >= printMs) {
        isPrinted = true;
        err.write(
          `waiting up to ${formatDuration(limitMs)} for the start of an agent at ${where}\n`,
        );
      }
      await clock.sleep(pollMs, s);
    }
  };
  const onTimeout = (): never => {
    throw absent;
  };
  return await withTimeout(limitMs, polling, onTimeout, clock, signal);
}

/** The socket that an agent listens on; CONTROL_NO_AGENT where none does. A socket of another user is one, too. */
async function listeningAgent(
  selector: AgentSelector,
  world: World,
  signal: AbortSignal,
): Promise<string | Fault> {
  try {
    const path = await locateAgent(selector, world, signal);
    const listener = await listenerOf(path, signal);
    return listener === "absent" ? faults.CONTROL_NO_AGENT({ where: path }) : path;
  } catch (error) {
    if (error instanceof Fault && error.code === "CONTROL_NO_AGENT") return error;
    throw error;
  }
}
