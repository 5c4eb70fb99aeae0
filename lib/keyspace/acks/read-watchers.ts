import type { Clock } from "../../base/clock.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { WatcherSuspects } from "../../model/suspects-entry.ts";
import { watchersFolder, watcherTtlMs } from "../../model/watcher-entry.ts";
import type { KeySource } from "../contract.ts";
import { readSnapshot } from "../read-snapshot.ts";
import { readWithSuspects } from "../suspects/read.ts";
import { BelievedWatchers, type Roll } from "./believed.ts";

/**
 * The watchers of a keyspace at this moment, in the order of their names. Calls that share `believed` believe in a watcher for a while
 * although another client has overwritten its entry. Throws the fault of a keyspace that cannot be read.
 */
export async function readWatchers(
  keyspace: KeySource,
  clock: Clock,
  signal: AbortSignal,
  believed = new BelievedWatchers(watcherTtlMs),
): Promise<Roll> {
  const snapshot = await readSnapshot(keyspace, [watchersFolder], signal);
  return rollOf(snapshot, clock, believed);
}

/** The same, with what they report of instances. */
export async function readReportingWatchers(
  keyspace: KeySource,
  clock: Clock,
  signal: AbortSignal,
  believed = new BelievedWatchers(watcherTtlMs),
): Promise<Roll & { readonly suspects: readonly WatcherSuspects[] }> {
  const { snapshot, suspects } = await readWithSuspects(keyspace, [watchersFolder], signal);
  return { ...rollOf(snapshot, clock, believed), suspects };
}

function rollOf(snapshot: Snapshot, clock: Clock, believed: BelievedWatchers): Roll {
  const roll = believed.update(snapshot, clock.now());
  return { ...roll, watchers: roll.watchers.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}
