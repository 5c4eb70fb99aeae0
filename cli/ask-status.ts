import { Fault } from "../lib/base/fault.ts";
import { getJson } from "../lib/control/client.ts";
import type { StatusReport } from "../lib/status/contract.ts";
import { withAnswerTimeout } from "./answer-timeout.ts";
import type { World } from "./world.ts";

/** The status of the agent at a socket; the fault if it does not answer. */
export async function statusAt(
  path: string,
  world: World,
  signal: AbortSignal,
): Promise<StatusReport | Fault> {
  const request = (s: AbortSignal) => getJson<StatusReport>(path, "/status", s);
  try {
    return await withAnswerTimeout(path, request, world, signal);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** `/etc/sidekick/web.yaml (process id 4711)`. */
export function describeAgent(answer: StatusReport | Fault): string {
  if (answer instanceof Fault) return "an agent that does not answer";
  // An agent of an older version does not report its configuration.
  const { version, configuration = [], pid } = answer;
  return `${configuration.join(", ") || `sidekick ${version}`} (process id ${pid})`;
}
