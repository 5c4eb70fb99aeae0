import { type Entry, isWithinAny } from "../lib/model/entry.ts";
import { unacknowledged, type Watcher } from "../lib/model/watcher-entry.ts";
import type { ExplainedWatcher } from "../lib/overview/explanation.ts";
import { ownFirst } from "../lib/overview/fleet.ts";

/** What each watcher of a keyspace does with an entry there; `ownId` is that of this process. */
export function explainWatchers(
  watchers: readonly Watcher[],
  entry: Pick<Entry, "key" | "revision">,
  { isDraining, ownId }: { readonly isDraining: boolean; readonly ownId: string | undefined },
): readonly ExplainedWatcher[] {
  const all = watchers.map((watcher) => {
    const { name: id, prefixes, serving, files } = watcher;
    const { key, revision } = entry;
    const isMissing = unacknowledged(new Map([[key, revision]]), [watcher]).length > 0;
    const reads = isWithinAny(key, prefixes);
    return {
      ...{ id, isSelf: id === ownId, reads },
      ...(reads && isDraining && { acknowledged: !isMissing }),
      ...(serving.has(key) && { serving: serving.get(key) === revision }),
      ...(reads && files && { files: files.files }),
    };
  });
  return ownFirst(all);
}
