import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import { expireRetained } from "./retained.ts";
import type { WatchState } from "./state.ts";

/** A timer cannot wait for longer than some weeks. */
const longestMs = 86_400_000;

/** What follows from the services of the latest snapshot: retained instances and signatures expire, odd instances are doubted. */
export async function followView(
  state: WatchState,
  deps: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  await runAll(
    signal,
    (s) => expireRetained(state, deps.clock, s),
    (s) => expireSignatures(state, deps.clock, s),
    (s) => state.doubts.follow(state, deps, s),
  );
}

/** Sets `expired` when a signature has ended. */
async function expireSignatures(
  { views, expired }: Pick<WatchState, "views" | "expired">,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { version } = views.latest;
    const leftMs = views.trustEndsMs - Date.now();
    const ended = async (s: AbortSignal) => {
      await clock.sleep(Math.min(Math.max(0, leftMs), longestMs), s);
      if (leftMs <= longestMs) expired.set(clock.now());
      await views.latest.newer(version, s);
    };
    await race<unknown>(
      signal,
      (s) => views.latest.newer(version, s),
      ...(Number.isFinite(leftMs) ? [ended] : []),
    );
  }
}
