import type { Clock } from "../base/clock.ts";

/** How often a proxy is looked at while it reloads, in milliseconds. */
const everyMs = 10;

/** Looks until there is something to see; undefined when there is nothing after `limitMs`. */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  const deadline = clock.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if (seen !== undefined || clock.now() >= deadline) return seen;
    await clock.sleep(everyMs, signal);
  }
}
