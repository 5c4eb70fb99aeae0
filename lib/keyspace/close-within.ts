import type { Clock } from "../base/clock.ts";
import { never, race, untilAborted } from "../base/signal.ts";

/**
 * Lets a session take its leave of the store for `limitMs` and no longer: what is not done by then is left
 * to the time to live, which is no failure. Nobody's signal ends it, since it is the way out of one.
 */
export async function closeWithin(
  limitMs: number,
  clock: Clock,
  leave: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await race(
    never,
    (s) => untilAborted(s, leave(s)),
    (s) => untilAborted(s, clock.sleep(limitMs, s)),
  );
}
