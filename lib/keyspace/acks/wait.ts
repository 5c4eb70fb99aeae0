import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { race } from "../../base/signal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import {
  type Unacknowledged,
  unacknowledged,
  watchersFolder,
  watcherTtlMs,
} from "../../model/watcher-entry.ts";
import type { KeySource } from "../contract.ts";
import { follow } from "../follow.ts";
import { BelievedWatchers, type IgnoredEntry, type Roll } from "./believed.ts";

/** How soon an unreachable keyspace is tried again. */
const backoff: Backoff = { firstMs: 100, maxMs: 1000 };

export interface AckDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Called with the watchers that are waited for, whenever they or their entries have changed. */
  readonly onMissing?: (missing: readonly Unacknowledged[]) => void;
}

export interface Acks {
  /** The keys of the instances that get no new requests from the proxies of any watcher. */
  readonly acknowledged: readonly string[];
  /** The watchers that have not acknowledged; empty where the watchers could not be read either. */
  readonly missing: readonly Unacknowledged[];
  /** The entries in the folder of the watchers that are not believed, and not waited for. */
  readonly ignored: readonly IgnoredEntry[];
}

/**
 * Waits until every watcher that reads these instances has acknowledged that they are drained, `limitMs` at the most. `draining`
 * has the revision of each draining entry, by key. Watchers are followed meanwhile: one that is gone is not waited for.
 * While they cannot be read, no instance counts as acknowledged; that is no fault.
 */
export async function waitForAcks(
  keyspace: KeySource,
  draining: ReadonlyMap<string, string>,
  limitMs: number,
  { clock, random, onMissing }: AckDeps,
  signal: AbortSignal,
): Promise<Acks> {
  const entries = new Cell<Snapshot | undefined>(undefined);
  const following = (progress: () => void, s: AbortSignal) =>
    follow(keyspace, [watchersFolder], entries, progress, s);
  const believed = new BelievedWatchers(watcherTtlMs);
  let roll: Roll | undefined;
  const untilComplete = async (s: AbortSignal) => {
    for (;;) {
      const { version, value } = entries;
      roll = value && believed.update(value, clock.now());
      if (roll) {
        const missing = unacknowledged(draining, roll.watchers);
        onMissing?.(missing);
        if (missing.length === 0) return;
      }
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
    (s) => retry(following, backoff, { clock, random, onFault: () => {} }, s),
    untilComplete,
    (s) => clock.sleep(limitMs, s),
  );
  if (!roll) return { acknowledged: [], missing: [], ignored: [] };
  const missing = unacknowledged(draining, roll.watchers);
  const open = new Set(missing.map(({ key }) => key));
  const acknowledged = [...draining.keys()].filter((key) => !open.has(key));
  return { acknowledged, missing, ignored: roll.ignored };
}
