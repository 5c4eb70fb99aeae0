import { type Entry, isWithinAny } from "../lib/model/entry.ts";
import { describeSuspect, type WatcherSuspects } from "../lib/model/suspects-entry.ts";
import { unacknowledged, type Watcher } from "../lib/model/watcher-entry.ts";
import type { ExplainedWatcher } from "../lib/overview/explanation.ts";
import { ownFirst } from "../lib/overview/fleet.ts";

interface Seen {
  readonly isDraining: boolean;
  /** The id of the watcher of this process. */
  readonly ownId: string | undefined;
  /** What the watchers report of instances. */
  readonly suspects?: readonly WatcherSuspects[];
}

/** What each watcher of a keyspace does with an entry there. */
export function explainWatchers(
  watchers: readonly Watcher[],
  entry: Pick<Entry, "key" | "revision">,
  { isDraining, ownId, suspects = [] }: Seen,
): readonly ExplainedWatcher[] {
  const all = watchers.map((watcher) => {
    const { name: id, prefixes, serving, files } = watcher;
    const { key, revision } = entry;
    const suspect = suspects.find((one) => one.watcher === id)?.suspects.get(key);
    const isMissing = unacknowledged(new Map([[key, revision]]), [watcher]).length > 0;
    const reads = isWithinAny(key, prefixes);
    return {
      ...{ id, isSelf: id === ownId, reads },
      ...(reads && isDraining && { acknowledged: !isMissing }),
      ...(serving.has(key) && { serving: serving.get(key) === revision }),
      ...(reads && files && { files: files.files }),
      ...(reads && suspect && { suspect: describeSuspect(suspect) }),
    };
  });
  return ownFirst(all);
}
