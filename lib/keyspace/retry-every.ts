import type { Clock } from "../base/clock.ts";
import { retry } from "../base/retry.ts";

/**
 * Runs `work` until it returns, again `waitMs` milliseconds after each retryable fault. The faults are not reported: a
 * session survives them until it expires, and that is reported. Throws any other error, and the signal's reason.
 */
export async function retryEvery<T>(
  waitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  const backoff = { firstMs: waitMs, maxMs: waitMs };
  // 1 makes each wait the full `waitMs`.
  const deps = { clock, random: () => 1, onFault: () => {} };
  return await retry((_, s) => work(s), backoff, deps, signal);
}
