import type { Clock } from "../lib/base/clock.ts";
import { Fault } from "../lib/base/fault.ts";
import { abortable, never } from "../lib/base/signal.ts";
import { withTimeout } from "../lib/base/timeout.ts";
import { BelievedWatchers } from "../lib/keyspace/acks/believed.ts";
import { readWatchers } from "../lib/keyspace/acks/read-watchers.ts";
import type { KeySource } from "../lib/keyspace/contract.ts";
import { isReadOnly } from "../lib/keyspace/url.ts";
import { watcherTtlMs } from "../lib/model/watcher-entry.ts";
import type { FleetWatcher } from "../lib/overview/contract.ts";
import { fleetOf } from "../lib/overview/fleet.ts";

/** How long a list of the watchers may take, and how often they are listed at the most, in milliseconds. */
const [limitMs, intervalMs] = [500, 5000];

/**
 * The watchers of a keyspace, the one with this id first. They are listed only when an overview is asked for, and overviews share a list.
 * While the keyspace does not answer, the last known ones: every five seconds an overview waits half a second for others.
 */
export function fleetWatchers(
  keyspace: KeySource & { readonly url: string },
  ownId: string | undefined,
  clock: Clock,
): (signal: AbortSignal) => Promise<readonly FleetWatcher[]> {
  if (isReadOnly(keyspace.url)) return async () => [];
  const believed = new BelievedWatchers(watcherTtlMs);
  let known: readonly FleetWatcher[] = [];
  let latest: { readonly atMs: number; readonly listed: Promise<void> } | undefined;
  const list = async () => {
    const reading = (s: AbortSignal) => abortable(readWatchers(keyspace, clock, s, believed), s);
    try {
      const roll = await withTimeout(limitMs, reading, () => undefined, clock, never);
      if (roll) known = fleetOf(roll.watchers, ownId);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  };
  return async (signal) => {
    const nowMs = clock.now();
    if (!latest || nowMs - latest.atMs >= intervalMs) latest = { atMs: nowMs, listed: list() };
    await abortable(latest.listed, signal);
    return known;
  };
}
