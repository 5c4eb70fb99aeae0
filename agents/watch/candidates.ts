import { isWithinAny } from "../../lib/model/entry.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { movedInstances } from "../../lib/view/moved.ts";

/** The keys of the instances within some folders, of which a search suspects some. */
export function instancesIn(pools: Pools, prefixes: readonly string[]): readonly string[] {
  const { snapshot, sources } = pools;
  const chunks = sources.folders.flatMap((folder) => [...snapshot.below(folder)]);
  return chunks.flatMap((chunk) =>
    chunk.map(({ key }) => key).filter((key) => isInstance(key, pools, prefixes)),
  );
}

/** The keys of the instances that have another value than before or other addresses, or were absent before. */
export function changedInstances(
  before: Pools,
  pools: Pools,
  prefixes: readonly string[],
): readonly string[] {
  const { snapshot } = pools;
  const keys = [...snapshot.changedSince(before.snapshot), ...movedInstances(before, pools)];
  const hasChanged = changesSince(before, pools);
  return [...new Set(keys)].filter(
    (key) => snapshot.get(key) && isInstance(key, pools, prefixes) && hasChanged(key),
  );
}

/** Whether any key within the folders is another than before that is no instance, but a setting. */
export function differInSettings(
  before: Pools,
  { sources, snapshot }: Pools,
  prefixes: readonly string[],
): boolean {
  return [...snapshot.changedSince(before.snapshot)].some(
    (key) => !sources.covers(key) && isWithinAny(key, prefixes),
  );
}

/** Whether an instance, by its key, has another value than before or other addresses, or is absent from one of both. */
export function changesSince(before: Pools, now: Pools): (key: string) => boolean {
  const moved = new Set(movedInstances(before, now));
  const valueIn = ({ snapshot }: Pools, key: string) => snapshot.get(key)?.value;
  return (key) => moved.has(key) || valueIn(before, key) !== valueIn(now, key);
}

function isInstance(key: string, { sources }: Pools, prefixes: readonly string[]): boolean {
  return sources.covers(key) && isWithinAny(key, prefixes);
}
