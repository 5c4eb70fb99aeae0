import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { race } from "../../base/signal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { type Unacknowledged, unacknowledged, watchersFolder } from "../../model/watcher-entry.ts";
import type { KeySource } from "../contract.ts";
import { follow } from "../follow.ts";

/** How soon a store that is out of reach is asked again. */
const backoff: Backoff = { firstMs: 100, maxMs: 1000 };

/** What those who wait for watchers are handed. */
export interface AckDeps {
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Acks {
  /** The keys of the instances that get no new requests from any watcher's proxies. */
  readonly acknowledged: readonly string[];
  /** Who has not said so; nobody is named where the watchers could not be read either. */
  readonly missing: readonly Unacknowledged[];
}

/**
 * Waits until every watcher that sees these instances has acknowledged that they take no requests, but no longer than
 * `limitMs`. `leaving` has the revision of the entry that says so, by key: as the keyspace shows it. The watchers are
 * followed meanwhile: one that is gone is not waited for. That they cannot be read is no fault: nobody has acknowledged.
 */
export async function waitForAcks(
  keyspace: KeySource,
  leaving: ReadonlyMap<string, string>,
  limitMs: number,
  { clock, random }: AckDeps,
  signal: AbortSignal,
): Promise<Acks> {
  const watchers = new Cell<Snapshot | undefined>(undefined);
  const follows = (progress: () => void, s: AbortSignal) =>
    follow(keyspace, [watchersFolder], watchers, progress, s);
  await race(
    signal,
    (s) => retry(follows, backoff, { clock, random, onFault: () => {} }, s),
    (s) => allAcknowledged(watchers, leaving, s),
    (s) => clock.sleep(limitMs, s),
  );
  const { value } = watchers;
  const missing = value ? unacknowledged(leaving, value) : [];
  const open = new Set(value ? missing.map(({ key }) => key) : leaving.keys());
  return { acknowledged: [...leaving.keys()].filter((key) => !open.has(key)), missing };
}

async function allAcknowledged(
  watchers: Cell<Snapshot | undefined>,
  leaving: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { value, version } = watchers;
    if (value && unacknowledged(leaving, value).length === 0) return;
    await watchers.newer(version, signal);
  }
}
