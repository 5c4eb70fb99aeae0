import type { Cell } from "../base/cell.ts";
import { type Batch, isEmpty } from "../model/entry.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { KeySource } from "./contract.ts";
import type { ListTurns } from "./list-turns.ts";

/**
 * Keeps the cell equal to the entries below the prefixes until the watch fails, and throws its fault. The cell keeps
 * the last snapshot, so that the next call continues from it: unchanged entries keep their identity, and they are not read
 * again if the store proves that it has the same history. Calls `progress` with each batch after it was applied. `turns` spreads the lists of many
 * watchers after the first one.
 */
export async function follow(
  source: KeySource,
  prefixes: readonly string[],
  cell: Cell<Snapshot | undefined>,
  progress: (batch: Batch) => void,
  signal: AbortSignal,
  turns?: ListTurns,
): Promise<void> {
  const position = cell.value?.position;
  for await (const batch of source.watch(prefixes, signal, position && { position, turns })) {
    // A watch that continues where nothing has changed: readers are not woken.
    if (!(cell.value && isEmpty(batch))) cell.set((cell.value ?? Snapshot.empty).after(batch));
    progress(batch);
  }
  signal.throwIfAborted();
  throw new Error("a watch may only end with its signal or with a fault");
}
