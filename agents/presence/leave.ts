import type { Current } from "../../lib/base/cell.ts";
import { whenAborted } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { DrainController } from "./drain.ts";
import { handOver } from "./hand-over.ts";
import type { PresenceDeps, PresenceState } from "./state.ts";

/** The part of the shutdown timeout in which entries may be handed over; the rest is for draining the others. */
const handOverShare = 0.4;

/** Once `stopping` aborts, hands the entries over to an agent that stands by, drains all others, and throws the reason. */
export async function leaveWhenStopped(
  plan: Current<Pick<PresencePlan, "shutdownTimeoutMs">>,
  state: PresenceState,
  drains: DrainController,
  stopping: AbortSignal,
  deps: Pick<PresenceDeps, "clock" | "log">,
  signal: AbortSignal,
): Promise<never> {
  await whenAborted(stopping, signal);
  const sinceMs = deps.clock.now();
  drains.giveUpHeld();
  const limitMs = handOverShare * plan.value.shutdownTimeoutMs;
  await handOver(state, (key) => drains.isDraining(key), limitMs, deps, signal);
  drains.giveUpHeld();
  await drains.drainAll(sinceMs, signal);
  throw stopping.reason;
}
