import { Fault } from "../../base/fault.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { suspectsFolder, type WatcherSuspects } from "../../model/suspects-entry.ts";
import type { KeySource } from "../contract.ts";
import { readSnapshot } from "../read-snapshot.ts";
import { suspectsIn } from "./follow.ts";

/**
 * The keys at and below these prefixes at this moment, and what the watchers report of instances; nothing if that may not be read. Throws
 * the fault of a keyspace that cannot be read.
 */
export async function readWithSuspects(
  keyspace: KeySource,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly snapshot: Snapshot; readonly suspects: readonly WatcherSuspects[] }> {
  try {
    const snapshot = await readSnapshot(keyspace, [...prefixes, suspectsFolder], signal);
    return { snapshot, suspects: suspectsIn(snapshot) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "KEYSPACE_PERMISSION_DENIED") throw error;
    return { snapshot: await readSnapshot(keyspace, prefixes, signal), suspects: [] };
  }
}
