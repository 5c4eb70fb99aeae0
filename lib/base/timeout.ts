import type { Clock } from "./clock.ts";
import { race } from "./signal.ts";

/** In how many parts a time limit is waited for. */
const parts = 4;

/**
 * Runs `work` for at most `limitMs` milliseconds. At the limit its signal aborts, the work is waited for, and the result
 * is that of `onTimeout`: the value it returns or the fault it throws. Wrap work that ignores its signal in `abortable`.
 * The limit is extended by the time that the process stood still, except for the quarter in which it did.
 */
export async function withTimeout<T, U = never>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => U,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | U> {
  return await race<T | U>(signal, work, async (s) => {
    await sleepInParts(limitMs, clock, s);
    return onTimeout();
  });
}

/**
 * After a standstill, timers fire before the input that has arrived meanwhile is read: with a single timer, work that has
 * been done in time would seem to have timed out.
 */
async function sleepInParts(limitMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const partMs = Math.ceil(limitMs / parts);
  let restMs = limitMs;
  do {
    const nextMs = Math.min(partMs, restMs);
    await clock.sleep(nextMs, signal);
    restMs -= nextMs;
  } while (restMs > 0);
}
