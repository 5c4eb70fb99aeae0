import { sweepBeside } from "../base/atomic.ts";
import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { Fault, systemCode } from "../base/fault.ts";
import type { FaultReporter } from "../base/fault-reporter.ts";
import type { Log } from "../base/log.ts";
import { race } from "../base/signal.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { Guarded } from "../view/contract.ts";
import {
  readSnapshotFile,
  type SavedSnapshot,
  type SnapshotOrigin,
  writeSnapshotFile,
} from "./snapshot-file.ts";

/** How long a start waits for the keyspace before it does with what was known last, in milliseconds. */
const patienceMs = 3000;

/**
 * No more than once in so many milliseconds is anything saved, and no longer than a fiftieth of the time. Where it
 * cannot be, it is tried again after `retryMs`.
 */
const [restMs, restPerWork, retryMs] = [1000, 50, 600_000];

/** What was known of the keyspace before this start, and what will have been before the next one. */
export class SnapshotCache {
  readonly #path: string | false;
  readonly #origin: SnapshotOrigin;
  readonly #log: Log;
  readonly #found: SavedSnapshot | undefined;
  #inForce = false;

  private constructor(
    path: string | false,
    origin: SnapshotOrigin,
    log: Log,
    found: SavedSnapshot | undefined,
  ) {
    this.#path = path;
    this.#origin = origin;
    this.#log = log;
    this.#found = found;
  }

  /** What cannot be used is said, and is no reason not to start. False: nothing is known, and nothing will be. */
  static async open(
    path: string | false,
    origin: SnapshotOrigin,
    log: Log,
  ): Promise<SnapshotCache> {
    try {
      if (path === false) return new SnapshotCache(path, origin, log, undefined);
      await sweepBeside(path).catch(ifOfSystem);
      const found = await readSnapshotFile(path, origin);
      return new SnapshotCache(path, origin, log, found);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.warn("snapshot_cache_rejected", error.message, { code: error.code, path });
      return new SnapshotCache(path, origin, log, undefined);
    }
  }

  /** Undefined where nothing is known from before. */
  get snapshot(): Snapshot | undefined {
    return this.#found?.snapshot;
  }

  /** What is in force, where the keyspace has not been reached since the start. */
  get inForce(): { readonly savedAt: string; readonly revision: string } | undefined {
    if (!this.#found || !this.#inForce) return undefined;
    const { savedAt, snapshot } = this.#found;
    return { savedAt, revision: snapshot.revision };
  }

  /** Has it stand in for the keyspace, where that has not said anything yet. */
  standIn(cell: Cell<Snapshot | undefined>): void {
    if (!this.#found || cell.value) return;
    const { savedAt, snapshot } = this.#found;
    const { revision, size } = snapshot;
    this.#inForce = true;
    this.#log.warn(
      "snapshot_cache_used",
      `the keyspace ${this.#origin.url} is out of reach: what was last known of it is in force, ${size} keys as of ${savedAt}, revision ${revision}`,
      { savedAt, revision, keys: size },
    );
    cell.set(snapshot);
  }

  /** The keyspace has spoken. */
  over(): void {
    this.#inForce = false;
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

  /** Keeps on disk what is shown, some time after it has changed. */
  async save(
    latest: Cell<Guarded>,
    reporter: FaultReporter,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<void> {
    let saved = this.snapshot ?? Snapshot.empty;
    let [seen, waitMs] = [0, restMs];
    for (;;) {
      await latest.newer(seen, signal);
      if (latest.value.effective.snapshot !== saved) await clock.sleep(waitMs, signal);
      const { snapshot } = latest.value.effective;
      seen = latest.version;
      if (snapshot === saved || this.#path === false) continue;
      const startMs = clock.now();
      try {
        const savedAt = new Date().toISOString();
        await writeSnapshotFile(this.#path, { snapshot, savedAt }, this.#origin, clock, signal);
        reporter.resolved();
        saved = snapshot;
        waitMs = Math.max(restMs, restPerWork * (clock.now() - startMs));
      } catch (error) {
        if (signal.aborted || !(error instanceof Fault)) throw error;
        waitMs = retryMs;
        reporter.report(error, retryMs);
      }
    }
  }
}

/** For `catch`: a folder that is not there, or closed to us, has nothing to be removed. */
function ifOfSystem(error: unknown): void {
  if (systemCode(error) === undefined) throw error;
}
