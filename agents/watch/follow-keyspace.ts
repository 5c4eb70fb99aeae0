import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Backoff } from "../../lib/base/retry.ts";
import { supervise } from "../../lib/base/supervise.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import { createListTurns } from "../../lib/keyspace/list-turns.ts";
import type { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { Batch } from "../../lib/model/entry.ts";
import type { WatchDeps, WatchState } from "./state.ts";

/** The back-off while the keyspace is unreachable. */
const backoff: Backoff = { firstMs: 100, maxMs: 2000 };

/** The followed keyspace, and the cache that replaces it while it is unreachable. */
interface Following extends Pick<WatchState, "snapshot"> {
  readonly source: KeySource;
  readonly prefixes: readonly string[];
  readonly cache: SnapshotCache;
  /** Distinguishes the watcher from all others, which list at other times after an outage. */
  readonly id: string;
  /** Called with each batch, once `snapshot` has it. */
  readonly onRead: () => void;
  /** The state while its entries are not known. */
  readonly unread: string;
}

/** Keeps `snapshot` equal to the keyspace. While that is unreachable, the last snapshot is kept, or the cached one used. */
export async function followKeyspace(
  { source, prefixes, snapshot, cache, id, onRead, unread }: Following,
  reporter: FaultReporter,
  { clock, random, arrivals }: Pick<WatchDeps, "clock" | "random" | "arrivals">,
  signal: AbortSignal,
): Promise<void> {
  const standingIn: FaultReporter = {
    report: (fault, retryInMs, consequence) => {
      cache.standIn(snapshot);
      reporter.report(fault, retryInMs, consequence);
    },
    resolved: () => reporter.resolved(),
  };
  const consequence = () =>
    snapshot.value || cache.snapshot ? "the last known state is kept" : unread;
  const turns = createListTurns(id, clock, (fault, waitMs) =>
    reporter.report(fault, waitMs, consequence()),
  );
  await supervise(
    (succeeded, s) => {
      const onBatch = (batch: Batch) => {
        arrivals?.onBatch(batch);
        cache.standDown();
        onRead();
        succeeded();
      };
      return follow(source, prefixes, snapshot, onBatch, s, turns);
    },
    { backoff, reporter: standingIn, consequence },
    { clock, random },
    signal,
  );
}
