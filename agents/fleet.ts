import type { Clock } from "../lib/base/clock.ts";
import { Fault } from "../lib/base/fault.ts";
import { abortable, never } from "../lib/base/signal.ts";
import { withTimeout } from "../lib/base/timeout.ts";
import { BelievedWatchers } from "../lib/keyspace/acks/believed.ts";
import { readReportingWatchers } from "../lib/keyspace/acks/read-watchers.ts";
import type { Mount } from "../lib/keyspace/mounts/mounts.ts";
import { isReadOnly } from "../lib/keyspace/url.ts";
import type { WatcherSuspects } from "../lib/model/suspects-entry.ts";
import { watcherTtlMs } from "../lib/model/watcher-entry.ts";
import type { FleetWatcher } from "../lib/overview/contract.ts";
import { fleetOf, type KeyspaceWatchers } from "../lib/overview/fleet.ts";

/** How long a list of the watchers may take, and how often they are listed at the most, in milliseconds. */
const [limitMs, intervalMs] = [500, 5000];

/**
 * The watchers of some keyspaces, the one with this id first. They are listed only when an overview is asked for, and overviews share a
 * list. While a keyspace does not answer, its last known ones: every five seconds an overview waits half a second for others.
 */
export function fleetWatchers(
  mounts: readonly Mount[],
  ownId: string | undefined,
  clock: Clock,
): (signal: AbortSignal) => Promise<readonly FleetWatcher[]> {
  const keyspaces = mounts
    .filter(({ keyspace }) => !isReadOnly(keyspace.url))
    .map((mount) => listed(mount, clock));
  let latest: { readonly atMs: number; readonly listed: Promise<unknown> } | undefined;
  return async (signal) => {
    const nowMs = clock.now();
    if (!latest || nowMs - latest.atMs >= intervalMs) {
      latest = { atMs: nowMs, listed: Promise.all(keyspaces.map(({ list }) => list())) };
    }
    await abortable(latest.listed, signal);
    return fleetOf(
      keyspaces.map(({ known }) => known()),
      ownId,
    );
  };
}

/** The watchers of one keyspace as of its last list. */
function listed({ folder, keyspace }: Mount, clock: Clock) {
  const believed = new BelievedWatchers(watcherTtlMs);
  let watchers: KeyspaceWatchers["watchers"] = [];
  let suspects: readonly WatcherSuspects[] = [];
  const list = async () => {
    const reading = (s: AbortSignal) =>
      abortable(readReportingWatchers(keyspace, clock, s, believed), s);
    try {
      const read = await withTimeout(limitMs, reading, () => undefined, clock, never);
      if (read) ({ watchers, suspects } = read);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  };
  return { list, known: (): KeyspaceWatchers => ({ folder, watchers, suspects }) };
}
