import { type Batch, FolderSet, isEmpty, ownFolder } from "../model/entry.ts";
import type { KeySource } from "./contract.ts";

/** The source for files: its watches yield what the prefixes cover, which for the root excludes the program's own entries. */
export function covered(source: KeySource): KeySource {
  return {
    watch: (prefixes, signal, again) =>
      prefixes.includes("")
        ? coveredBatches(source.watch(prefixes, signal, again), prefixes)
        : source.watch(prefixes, signal, again),
  };
}

async function* coveredBatches(
  batches: AsyncIterable<Batch>,
  prefixes: readonly string[],
): AsyncGenerator<Batch> {
  const set = new FolderSet(prefixes, [ownFolder]);
  const isCovered = (key: string) => set.includes(key);
  for await (const batch of batches) {
    const unreadable = batch.unreadable?.filter(({ key }) => isCovered(key));
    const { revision, position } = batch;
    const rest = { revision, position, ...(unreadable && { unreadable }) };
    if (batch.kind === "reset") {
      yield { kind: "reset", ...rest, entries: filtered(batch.entries, isCovered) };
      continue;
    }
    const [put, gone] = [filtered(batch.put, isCovered), batch.gone.filter(isCovered)];
    // Agents renew their own entries often, and no file depends on that. An empty delta of the source shows that a watch continues.
    if (put.size > 0 || gone.length > 0 || unreadable || isEmpty(batch))
      yield { kind: "delta", ...rest, put, gone };
  }
}

/** The same map if all of its keys are covered. */
function filtered<V>(
  map: ReadonlyMap<string, V>,
  isCovered: (key: string) => boolean,
): ReadonlyMap<string, V> {
  const kept = [...map].filter(([key]) => isCovered(key));
  return kept.length === map.size ? map : new Map(kept);
}
