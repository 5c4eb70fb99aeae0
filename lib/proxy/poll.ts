import type { Clock } from "../base/clock.ts";

/** The time between two observations of a proxy that reloads, in milliseconds. */
const intervalMs = 10;

/**
 * Calls `observe` every 10 ms until it returns a value. Returns undefined if there is none after `limitMs` milliseconds;
 * the last call is at or after the limit.
 */
export async function poll<T>(
  observe: () => Promise<T | undefined>,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  const deadline = clock.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const observed = await observe();
    if (observed !== undefined || clock.now() >= deadline) return observed;
    await clock.sleep(intervalMs, signal);
  }
}
