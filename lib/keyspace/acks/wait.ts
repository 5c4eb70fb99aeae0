import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { race } from "../../base/signal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { type Unacknowledged, unacknowledged, watchersFolder } from "../../model/watcher-entry.ts";
import type { KeySource } from "../contract.ts";
import { follow } from "../follow.ts";

/** How soon an unreachable keyspace is tried again. */
const backoff: Backoff = { firstMs: 100, maxMs: 1000 };

export interface AckDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export interface Acks {
  /** The keys of the instances that get no new requests from the proxies of any watcher. */
  readonly acknowledged: readonly string[];
  /** The watchers that have not acknowledged; empty where the watchers could not be read either. */
  readonly missing: readonly Unacknowledged[];
}

/**
 * Waits until every watcher that reads these instances has acknowledged that they are drained, `limitMs` at the most. `draining`
 * has the revision of each draining entry, by key. Watchers are followed meanwhile: one that is gone is not waited for.
 * While they cannot be read, no instance counts as acknowledged; that is no fault.
 */
export async function waitForAcks(
  keyspace: KeySource,
  draining: ReadonlyMap<string, string>,
  limitMs: number,
  { clock, random }: AckDeps,
  signal: AbortSignal,
): Promise<Acks> {
  const watchers = new Cell<Snapshot | undefined>(undefined);
  const following = (progress: () => void, s: AbortSignal) =>
    follow(keyspace, [watchersFolder], watchers, progress, s);
  const isComplete = (snapshot: Snapshot | undefined) =>
    snapshot !== undefined && unacknowledged(draining, snapshot).length === 0;
  await race<unknown>(
    signal,
    (s) => retry(following, backoff, { clock, random, onFault: () => {} }, s),
    (s) => watchers.until(isComplete, s),
    (s) => clock.sleep(limitMs, s),
  );
  const { value } = watchers;
  const missing = value ? unacknowledged(draining, value) : [];
  const open = new Set(value ? missing.map(({ key }) => key) : draining.keys());
  return { acknowledged: [...draining.keys()].filter((key) => !open.has(key)), missing };
}
