import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { RetryDeps } from "../../lib/base/retry.ts";
import type { Views } from "../../lib/view/views.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";

/** Keeps the snapshot cache up to date. A snapshot that lacks a keyspace would later show its entries as removed. */
export async function saveSnapshot(
  keyspaces: FollowedKeyspaces,
  views: Views,
  reporter: FaultReporter,
  { clock, random }: Pick<RetryDeps, "clock" | "random">,
  signal: AbortSignal,
): Promise<void> {
  await keyspaces.allRead(signal);
  await keyspaces.cache.save(views.effective, reporter, { clock, random }, signal);
}
