import type { Cell } from "../base/cell.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { KeySource } from "./contract.ts";

/**
 * Keeps the cell equal to the entries below the prefixes until the watch fails, and throws its fault. The cell keeps
 * the last snapshot, so that the next call continues from it: unchanged entries keep their identity. Calls `progress`
 * after each batch.
 */
export async function follow(
  source: KeySource,
  prefixes: readonly string[],
  cell: Cell<Snapshot | undefined>,
  progress: () => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of source.watch(prefixes, signal)) {
    cell.set((cell.value ?? Snapshot.empty).after(batch));
    progress();
  }
  signal.throwIfAborted();
  throw new Error("a watch may only end with its signal or with a fault");
}
