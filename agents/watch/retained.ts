import type { Clock } from "../../lib/base/clock.ts";
import { race } from "../../lib/base/signal.ts";
import { nextDueMs } from "../../lib/view/guard.ts";
import type { WatchState } from "./state.ts";

/** Sets `expired` whenever an instance has been retained for as long as the guard may retain it. */
export async function expireRetained(
  { views: { latest }, expired }: Pick<WatchState, "views" | "expired">,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { value, version } = latest;
    const dueMs = nextDueMs(value);
    const changed = (s: AbortSignal) => latest.newer(version, s);
    const due = async (s: AbortSignal) => {
      await clock.sleep(Math.max(0, dueMs - clock.now()), s);
      expired.set(clock.now());
      await latest.newer(version, s);
    };
    await (Number.isFinite(dueMs) ? race(signal, changed, due) : changed(signal));
  }
}
