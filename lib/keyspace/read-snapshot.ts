import { Cell } from "../base/cell.ts";
import { race } from "../base/signal.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { KeySource } from "./contract.ts";
import { follow } from "./follow.ts";

/** The keys at and below these prefixes at this moment. Throws the fault of a keyspace that cannot be read. */
export async function readSnapshot(
  source: KeySource,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<Snapshot> {
  const cell = new Cell<Snapshot | undefined>(undefined);
  await race(
    signal,
    (s) => cell.newer(0, s),
    (s) => follow(source, prefixes, cell, () => {}, s),
  );
  if (!cell.value) throw new Error("the watch ended before its first batch");
  return cell.value;
}
