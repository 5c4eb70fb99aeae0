import { withTimeout } from "../lib/base/timeout.ts";
import { faults } from "../lib/control/faults.ts";
import type { World } from "./world.ts";

/** Time limit of a request to an agent, in milliseconds: an agent that hangs must not make the command hang. */
const answerTimeoutMs = 3000;

/** How much longer the answer to a request with a limit of its own may take, in milliseconds. */
export const graceMs = 3000;

/** Sends a request to the agent at a socket. Throws CONTROL_TIMEOUT if the answer takes longer than `limitMs` milliseconds. */
export async function withAnswerTimeout<T>(
  path: string,
  request: (signal: AbortSignal) => Promise<T>,
  { clock }: World,
  signal: AbortSignal,
  limitMs = answerTimeoutMs,
): Promise<T> {
  const onTimeout = (): never => {
    throw faults.CONTROL_TIMEOUT({ path, limitMs });
  };
  return await withTimeout(limitMs, request, onTimeout, clock, signal);
}
