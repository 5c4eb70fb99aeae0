import type { FaultReporter } from "./fault-reporter.ts";
import { type Backoff, type RetryDeps, retry } from "./retry.ts";

export interface Supervision {
  readonly backoff: Backoff;
  readonly reporter: FaultReporter;
  /** Describes the state until the work succeeds again; a function is called at each fault. */
  readonly consequence?: string | (() => string);
}

/**
 * Runs `work` until it returns, again after each retryable fault, which is reported before the delay that follows. The
 * work calls `succeeded` whenever it has reached its goal: that resolves the fault and resets the back-off. Throws any
 * other error, and the signal's reason when it aborts.
 */
export async function supervise<T>(
  work: (succeeded: () => void, signal: AbortSignal) => Promise<T>,
  { backoff, reporter, consequence }: Supervision,
  { clock, random }: Pick<RetryDeps, "clock" | "random">,
  signal: AbortSignal,
): Promise<T> {
  const current = () => (typeof consequence === "function" ? consequence() : consequence);
  return await retry(
    (progress, s) => {
      const succeeded = () => {
        progress();
        reporter.resolved();
      };
      return work(succeeded, s);
    },
    backoff,
    { clock, random, onFault: (fault, waitMs) => reporter.report(fault, waitMs, current()) },
    signal,
  );
}
