import { sweepBeside } from "../base/atomic.ts";
import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { Fault, ifSystem } from "../base/fault.ts";
import type { FaultReporter } from "../base/fault-reporter.ts";
import type { Log } from "../base/log.ts";
import type { Backoff, RetryDeps } from "../base/retry.ts";
import { race } from "../base/signal.ts";
import { supervise } from "../base/supervise.ts";
import type { Entry } from "../model/entry.ts";
import { Snapshot } from "../model/snapshot.ts";
import {
  readSnapshotFile,
  type SavedSnapshot,
  type SnapshotOrigin,
  writeSnapshotFile,
} from "./snapshot-file.ts";

/** How long a start waits for the keyspace before it uses the cached snapshot, in milliseconds. */
const patienceMs = 3000;

/** The snapshot is saved once in `restMs` milliseconds at the most, and saving takes a fiftieth of the time at the most. */
const [restMs, restPerWork] = [1000, 50];

/** How soon a failed save is tried again: a full disk is soon noticed to have room, and not filled by the attempts. */
const backoff: Backoff = { firstMs: 2000, maxMs: 60_000 };

/** Keeps the last known snapshot of the keyspace in a file, for a start while the keyspace is unreachable. */
export class SnapshotCache {
  readonly #path: string | false;
  readonly #origin: SnapshotOrigin;
  readonly #log: Log;
  readonly #saved: SavedSnapshot | undefined;
  #isStandingIn = false;

  private constructor(
    path: string | false,
    origin: SnapshotOrigin,
    log: Log,
    saved: SavedSnapshot | undefined,
  ) {
    this.#path = path;
    this.#origin = origin;
    this.#log = log;
    this.#saved = saved;
  }

  /** Reads the file; one that cannot be used is logged and ignored. With `false` there is no cache. */
  static async open(
    path: string | false,
    origin: SnapshotOrigin,
    log: Log,
  ): Promise<SnapshotCache> {
    try {
      if (path === false) return new SnapshotCache(path, origin, log, undefined);
      // A folder that is missing or closed to this user has nothing to sweep.
      await sweepBeside(path).catch(ifSystem);
      const saved = await readSnapshotFile(path, origin);
      return new SnapshotCache(path, origin, log, saved);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.warn("snapshot_cache_rejected", error.message, { code: error.code, path });
      return new SnapshotCache(path, origin, log, undefined);
    }
  }

  /** The same file, for the snapshots of another configuration. No cached one stands in for these: the last snapshot that was read does. */
  withOrigin(origin: SnapshotOrigin): SnapshotCache {
    return new SnapshotCache(this.#path, origin, this.#log, undefined);
  }

  /** The part of the snapshot that one of several keyspaces has, to stand in for it alone; it is not saved by itself. */
  part(url: string, isPart: (key: string) => boolean): SnapshotCache {
    const own = (entries: readonly Entry[]) => entries.filter(({ key }) => isPart(key));
    const saved = this.#saved && {
      savedAt: this.#saved.savedAt,
      snapshot: Snapshot.empty.after({
        ...{ kind: "reset", revision: this.#saved.snapshot.revision },
        entries: new Map(this.#saved.snapshot.chunks.flatMap(own).map((one) => [one.key, one])),
      }),
    };
    return new SnapshotCache(false, { ...this.#origin, url }, this.#log, saved);
  }

  /** The snapshot that an earlier process saved; undefined where there is none. */
  get snapshot(): Snapshot | undefined {
    return this.#saved?.snapshot;
  }

  /** The cached snapshot that is in use because the keyspace was not reached since the start; undefined otherwise. */
  get standingIn(): { readonly savedAt: string; readonly revision: string } | undefined {
    if (!this.#saved || !this.#isStandingIn) return undefined;
    const { savedAt, snapshot } = this.#saved;
    return { savedAt, revision: snapshot.revision };
  }

  /** Sets the cell to the cached snapshot, if it is still empty. */
  standIn(cell: Cell<Snapshot | undefined>): void {
    if (!this.#saved || cell.value) return;
    const { savedAt, snapshot } = this.#saved;
    const { revision, size } = snapshot;
    this.#isStandingIn = true;
    this.#log.warn(
      "snapshot_cache_used",
      `the keyspace ${this.#origin.url} is unreachable: using the cached snapshot of ${savedAt} with ${size} keys at revision ${revision}`,
      { savedAt, revision, keys: size },
    );
    cell.set(snapshot);
  }

  /** The keyspace was reached: the cached snapshot is no longer in use. */
  standDown(): void {
    this.#isStandingIn = false;
  }

  /** Stands in for a keyspace that neither answers nor fails. */
  async standInLate(
    cell: Cell<Snapshot | undefined>,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<void> {
    await race(
      signal,
      (s) => cell.newer(0, s),
      (s) => clock.sleep(patienceMs, s),
    );
    this.standIn(cell);
  }

  /** Saves the snapshot in `current` some time after it has changed. A failure is reported and tried again. */
  async save(
    current: Cell<Snapshot>,
    reporter: FaultReporter,
    { clock, random }: Pick<RetryDeps, "clock" | "random">,
    signal: AbortSignal,
  ): Promise<void> {
    const path = this.#path;
    if (path === false) return;
    let saved = this.snapshot ?? Snapshot.empty;
    let [seen, waitMs] = [0, restMs];
    const saveLatest = async (succeeded: () => void, s: AbortSignal) => {
      const { value: snapshot } = current;
      seen = current.version;
      const startMs = clock.now();
      const savedAt = new Date().toISOString();
      await writeSnapshotFile(path, { snapshot, savedAt }, this.#origin, clock, s);
      succeeded();
      saved = snapshot;
      waitMs = Math.max(restMs, restPerWork * (clock.now() - startMs));
    };
    for (;;) {
      await current.newer(seen, signal);
      if (current.value !== saved) await clock.sleep(waitMs, signal);
      seen = current.version;
      if (current.value === saved) continue;
      await supervise(saveLatest, { backoff, reporter }, { clock, random }, signal);
    }
  }
}
