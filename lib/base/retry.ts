import type { Clock } from "./clock.ts";
import { Fault } from "./fault.ts";

/** The delay before a retry: doubles from `firstMs` up to `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The dependencies of a retrying loop. */
export interface RetryDeps {
  readonly clock: Clock;
  /** A number in [0, 1), so that many agents do not retry in step. */
  readonly random: () => number;
  /** Called for each fault, before the delay that follows it. */
  readonly onFault: (fault: Fault, retryInMs: number) => void;
}

/** The delay in milliseconds after `failures` (1 or more) in a row: between half and all of the doubled delay. */
export function delayMs(
  failures: number,
  { firstMs, maxMs }: Backoff,
  random: () => number,
): number {
  const full = Math.min(maxMs, firstMs * 2 ** (failures - 1));
  return full * (0.5 + random() / 2);
}

/**
 * Runs `work` until it returns, again after each retryable fault; calling `progress` resets the back-off. Throws any other
 * error, and the signal's reason when it aborts.
 */
export async function retry<T>(
  work: (progress: () => void, signal: AbortSignal) => Promise<T>,
  backoff: Backoff,
  deps: RetryDeps,
  signal: AbortSignal,
): Promise<T> {
  let failures = 0;
  const progress = () => {
    failures = 0;
  };
  for (;;) {
    try {
      return await work(progress, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof Fault && error.retry)) throw error;
      failures += 1;
      const waitMs = delayMs(failures, backoff, deps.random);
      deps.onFault(error, waitMs);
      await deps.clock.sleep(waitMs, signal);
    }
  }
}
