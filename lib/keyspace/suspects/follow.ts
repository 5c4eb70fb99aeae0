import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { runAll } from "../../base/signal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import {
  decodeSuspects,
  suspectsFolder,
  type WatcherSuspects,
} from "../../model/suspects-entry.ts";
import type { KeySource } from "../contract.ts";
import { follow } from "../follow.ts";

/** How soon a folder that cannot be read is tried again: it may be forbidden for good. */
const backoff: Backoff = { firstMs: 1000, maxMs: 60_000 };

export interface FollowSuspectsDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Called with the fault of each attempt. */
  readonly onFault: (fault: Fault) => void;
}

/** Keeps `reports` equal to what all watchers report of instances. While the keyspace is unreachable, that is what they last did. */
export async function followSuspects(
  keyspace: KeySource,
  reports: Cell<readonly WatcherSuspects[]>,
  { clock, random, onFault }: FollowSuspectsDeps,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = new Cell<Snapshot | undefined>(undefined);
  const following = (progress: () => void, s: AbortSignal) =>
    follow(keyspace, [suspectsFolder], snapshot, progress, s);
  const decoding = async (s: AbortSignal) => {
    for (;;) {
      const { version, value } = snapshot;
      const latest = value ? suspectsIn(value) : [];
      if (latest.length + reports.value.length > 0) reports.set(latest);
      await snapshot.newer(version, s);
    }
  };
  await runAll(signal, (s) => retry(following, backoff, { clock, random, onFault }, s), decoding);
}

/** What the watchers report in the entries of a snapshot. */
export function suspectsIn(snapshot: Snapshot): readonly WatcherSuspects[] {
  return [...snapshot.below(suspectsFolder)].flat().flatMap((entry) => decodeSuspects(entry) ?? []);
}
