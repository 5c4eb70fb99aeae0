import type { Clock } from "./clock.ts";
import { race } from "./signal.ts";

/**
 * Runs `work` for at most `limitMs` milliseconds. At the limit its signal aborts, the work is waited for, and the result
 * is that of `onTimeout`: the value it returns or the fault it throws. Wrap work that ignores its signal in `abortable`.
 */
export async function withTimeout<T, U = never>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => U,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | U> {
  return await race<T | U>(signal, work, async (s) => {
    await clock.sleep(limitMs, s);
    return onTimeout();
  });
}
