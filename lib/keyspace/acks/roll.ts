import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { race } from "../../base/signal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { watchersFolder, watcherTtlMs } from "../../model/watcher-entry.ts";
import type { KeySource } from "../contract.ts";
import { follow } from "../follow.ts";
import { BelievedWatchers, type Roll } from "./believed.ts";

/** How soon an unreachable keyspace is tried again. */
const backoff: Backoff = { firstMs: 100, maxMs: 1000 };

export interface RollDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Called with the fault of each attempt to read, and with undefined once they were read. */
  readonly onRead?: (fault: Fault | undefined) => void;
}

/**
 * Follows the watchers of the keyspace until `isComplete`, `limitMs` milliseconds at the most. It is called whenever their
 * entries have changed. Returns the last known watchers, undefined if they could not be read; that is no fault.
 */
export async function untilRoll(
  keyspace: KeySource,
  isComplete: (roll: Roll) => boolean,
  limitMs: number,
  { clock, random, onRead }: RollDeps,
  signal: AbortSignal,
): Promise<Roll | undefined> {
  const entries = new Cell<Snapshot | undefined>(undefined);
  const following = (progress: () => void, s: AbortSignal) => {
    const onBatch = () => {
      onRead?.(undefined);
      progress();
    };
    return follow(keyspace, [watchersFolder], entries, onBatch, s);
  };
  const believed = new BelievedWatchers(watcherTtlMs);
  let roll: Roll | undefined;
  const untilComplete = async (s: AbortSignal) => {
    for (;;) {
      const { version, value } = entries;
      roll = value && believed.update(value, clock.now());
      if (roll && isComplete(roll)) return;
      const dueMs = roll?.nextDueMs ?? Number.POSITIVE_INFINITY;
      await race(
        s,
        (t) => entries.newer(version, t),
        ...(Number.isFinite(dueMs)
          ? [(t: AbortSignal) => clock.sleep(dueMs - clock.now(), t)]
          : []),
      );
    }
  };
  await race<unknown>(
    signal,
    (s) => retry(following, backoff, { clock, random, onFault: (fault) => onRead?.(fault) }, s),
    untilComplete,
    (s) => clock.sleep(limitMs, s),
  );
  return roll;
}
