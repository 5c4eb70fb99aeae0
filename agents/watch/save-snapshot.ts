import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { RetryDeps } from "../../lib/base/retry.ts";
import type { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { Views } from "../../lib/view/views.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";

/** A snapshot to save, and the keyspaces that it is of. */
interface Saving {
  readonly keyspaces: FollowedKeyspaces;
  readonly cache: SnapshotCache;
  readonly views: Views;
}

/** Keeps the snapshot cache up to date. A snapshot that lacks a keyspace would later show its entries as removed. */
export async function saveSnapshot(
  { keyspaces, cache, views }: Saving,
  reporter: FaultReporter,
  { clock, random }: Pick<RetryDeps, "clock" | "random">,
  signal: AbortSignal,
): Promise<void> {
  await keyspaces.allRead(signal);
  await cache.save(views.effective, reporter, { clock, random }, signal);
}
