import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import { expireRetained } from "./retained.ts";
import type { WatchState } from "./state.ts";

/** What follows from the services of the latest snapshot, beside the files: retained instances expire, odd ones are doubted. */
export async function followView(
  state: WatchState,
  deps: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  await runAll(
    signal,
    (s) => expireRetained(state, deps.clock, s),
    (s) => state.doubts.follow(state, deps, s),
  );
}
