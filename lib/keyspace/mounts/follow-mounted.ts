import { Cell, untilAny } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { runAll } from "../../base/signal.ts";
import { type Supervision, supervise } from "../../base/supervise.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { follow } from "../follow.ts";
import { mergedSnapshot } from "./merged-snapshot.ts";
import type { Mounts } from "./mounts.ts";
import { coveredSource } from "./visible-source.ts";

/** The back-off while a keyspace is unreachable. */
const backoff = { firstMs: 100, maxMs: 2000 };

export interface FollowMountedDeps extends Omit<Supervision, "backoff"> {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/**
 * Keeps `cell` equal to the entries below these folders, at their paths; it is set for the first time once all keyspaces that have
 * some of them were read. A keyspace that is unreachable keeps its last state, and is tried again. Ends only when `signal` aborts.
 */
export async function followMounted(
  mounts: Mounts,
  folders: readonly string[],
  cell: Cell<Snapshot | undefined>,
  { clock, random, ...reporting }: FollowMountedDeps,
  signal: AbortSignal,
): Promise<void> {
  const parts = Array.from(mounts.partsOf(folders), ([mount, own]) => {
    return { mount, own, snapshot: new Cell<Snapshot | undefined>(undefined) };
  });
  const following = parts.map(({ mount, own, snapshot }) => async (s: AbortSignal) => {
    const source = coveredSource(mount, mounts);
    const work = (succeeded: () => void, inner: AbortSignal) =>
      follow(source, own, snapshot, succeeded, inner);
    await supervise<void>(work, { backoff, ...reporting }, { clock, random }, s);
  });
  const snapshots = parts.map(({ snapshot }) => snapshot);
  const merge = async (s: AbortSignal) => {
    for (let seen = 0; ; ) {
      const version = () => snapshots.reduce((sum, one) => sum + one.version, 0);
      const isRead = () => snapshots.every(({ value }) => value !== undefined);
      await untilAny(snapshots, () => isRead() && version() > seen, s);
      seen = version();
      const read = parts.flatMap(({ mount, snapshot: { value } }) =>
        value ? [[mount, value] as const] : [],
      );
      cell.set(mergedSnapshot(new Map(read)));
    }
  };
  await runAll(signal, ...following, merge);
}
