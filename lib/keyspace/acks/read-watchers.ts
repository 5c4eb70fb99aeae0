import type { Clock } from "../../base/clock.ts";
import { watchersFolder, watcherTtlMs } from "../../model/watcher-entry.ts";
import type { KeySource } from "../contract.ts";
import { readSnapshot } from "../read-snapshot.ts";
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
  const roll = believed.update(snapshot, clock.now());
  return { ...roll, watchers: roll.watchers.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}
