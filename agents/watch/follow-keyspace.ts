import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Backoff } from "../../lib/base/retry.ts";
import { supervise } from "../../lib/base/supervise.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import type { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { WatchDeps, WatchState } from "./state.ts";

/** How soon an unreachable keyspace is tried again. */
const backoff: Backoff = { firstMs: 100, maxMs: 2000 };

/** What is followed, and what stands in for it. */
interface Following extends Pick<WatchState, "snapshot"> {
  readonly prefixes: readonly string[];
  readonly cache: SnapshotCache;
}

/** Keeps `snapshot` equal to the keyspace. While that is unreachable the last one stays, or the cached one stands in. */
export async function followKeyspace(
  { prefixes, snapshot, cache }: Following,
  reporter: FaultReporter,
  { keyspace, clock, random }: Pick<WatchDeps, "keyspace" | "clock" | "random">,
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
    snapshot.value || cache.snapshot
      ? "the last known state is kept"
      : "no file has been rendered yet";
  await supervise(
    (succeeded, s) => {
      const onBatch = () => {
        cache.standDown();
        succeeded();
      };
      return follow(keyspace, prefixes, snapshot, onBatch, s);
    },
    { backoff, reporter: standingIn, consequence },
    { clock, random },
    signal,
  );
}
