import type { Clock } from "./clock.ts";
import { Fault } from "./fault.ts";

/** How long to wait before trying again: doubling from `firstMs` up to `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** What a retrying loop is handed: time, chance, and a handler of faults. */
export interface RetryDeps {
  readonly clock: Clock;
  /** A number in [0, 1), to keep many agents from retrying in step. */
  readonly random: () => number;
  /** Called with each fault before the wait that follows it, in milliseconds. */
  readonly onFault: (fault: Fault, retryInMs: number) => void;
}

/** The wait in milliseconds after `failures` (1 or more) in a row: between half and all of the doubled delay. */
export function delayMs(
  failures: number,
  { firstMs, maxMs }: Backoff,
  random: () => number,
): number {
  const full = Math.min(maxMs, firstMs * 2 ** (failures - 1));
  return full * (0.5 + random() / 2);
}

/** Runs `work` until it returns, again after each retryable fault. `progress` resets the back-off. Throws any other error at once. */
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
