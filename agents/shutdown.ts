import type { Clock } from "../lib/base/clock.ts";
import { formatDuration } from "../lib/base/duration.ts";
import type { Log } from "../lib/base/log.ts";
import { never, whenAborted } from "../lib/base/signal.ts";
import type { Plan } from "../lib/config/plan.ts";
import { faults } from "./faults.ts";

/** The time limit for a watcher to stop, in milliseconds. A running check or reload is ended. */
const watchShutdownMs = 10_000;

/** What a shutdown may take beside draining and stopping the program, in milliseconds. */
const graceMs = 5000;

/** The time limit of a shutdown, in milliseconds. */
export function shutdownLimitMs({ presence, exec }: Plan): number {
  const drainMs = presence?.shutdownTimeoutMs ?? watchShutdownMs;
  return exec ? drainMs + exec.stopTimeoutMs + graceMs : drainMs;
}

/**
 * Rejects if a shutdown exceeds its time limit: with AGENT_SHUTDOWN_TIMEOUT if it was requested, otherwise with the error of the
 * agent that has failed, which matters more.
 */
export async function shutdownTimeout(
  limit: () => number,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  stopping: AbortSignal,
  requested: AbortSignal,
): Promise<never> {
  await whenAborted(stopping, never);
  const limitMs = limit();
  const failure = requested.aborted ? undefined : { error: stopping.reason };
  const why = failure ? ", since an agent has failed" : "";
  log.info("shutting_down", `sidekick is shutting down, within ${formatDuration(limitMs)}${why}`);
  await clock.sleep(limitMs, never);
  throw failure ? failure.error : faults.AGENT_SHUTDOWN_TIMEOUT({ limitMs });
}
