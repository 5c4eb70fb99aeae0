import { isWithin } from "../../lib/model/entry.ts";
import type { Pools } from "../../lib/view/contract.ts";

/** The keys of the instances within some folders, of which a search suspects some. */
export function instancesIn(pools: Pools, prefixes: readonly string[]): readonly string[] {
  const { snapshot, folder } = pools;
  const keys = [...snapshot.below(folder)].flatMap((chunk) => chunk.map(({ key }) => key));
  return keys.filter((key) => isInstance(key, pools, prefixes));
}

/** The keys of the instances that have another value than before, or none before. */
export function changedInstances(
  before: Pools,
  pools: Pools,
  prefixes: readonly string[],
): readonly string[] {
  const { snapshot } = pools;
  return [...snapshot.changedSince(before.snapshot)].filter(
    (key) =>
      snapshot.get(key) && isInstance(key, pools, prefixes) && hasChanged(key, before, pools),
  );
}

/** Whether any key within the folders is another than before that is no instance, but a setting. */
export function differInSettings(
  before: Pools,
  { folder, snapshot }: Pools,
  prefixes: readonly string[],
): boolean {
  return [...snapshot.changedSince(before.snapshot)].some(
    (key) => !isWithin(key, folder) && prefixes.some((one) => isWithin(key, one)),
  );
}

export function hasChanged(key: string, before: Pools, now: Pools): boolean {
  return before.snapshot.get(key)?.value !== now.snapshot.get(key)?.value;
}

function isInstance(key: string, { folder }: Pools, prefixes: readonly string[]): boolean {
  return isWithin(key, folder) && prefixes.some((one) => isWithin(key, one));
}
