import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import type { Mount, Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { coveredSource } from "../../lib/keyspace/mounts/visible-source.ts";
import type { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { Liveness, withLiveness } from "../../lib/status/liveness.ts";
import { followKeyspace } from "./follow-keyspace.ts";
import type { WatchDeps } from "./state.ts";

/** A keyspace to follow, and what it is for. */
export interface FollowedSettings {
  readonly mounts: Mounts;
  readonly mount: Mount;
  /** The folders to read, as paths. */
  readonly folders: readonly string[];
  /** Distinguishes the watcher from all others. */
  readonly id: string;
  /** What stands in for it while it is unreachable. */
  readonly cache: SnapshotCache;
  /** The cell of its entries; a new one if files are rendered from those of other keyspaces, too. */
  readonly snapshot?: Cell<Snapshot | undefined>;
}

/** One of the keyspaces that a watcher reads, with the loops that use it: none of them depends on another keyspace. */
export class FollowedKeyspace {
  readonly mount: Mount;
  /** Its entries at their paths, as last read, or the cached ones until then; undefined while there are none. */
  readonly snapshot: Cell<Snapshot | undefined>;
  readonly cache: SnapshotCache;
  readonly following: Liveness;
  readonly acknowledging: Liveness;
  /** The faults of its loops. */
  readonly faults: FaultReports;
  readonly #source: KeySource;
  readonly #folders: readonly string[];
  readonly #isShared: boolean;
  readonly #id: string;

  constructor(settings: FollowedSettings, clock: Clock, log: Log) {
    const { mounts, mount, folders, id, cache, snapshot } = settings;
    const place = mount.folder && ` at ${mount.folder}`;
    this.mount = mount;
    this.snapshot = snapshot ?? new Cell<Snapshot | undefined>(undefined);
    this.#isShared = snapshot === undefined;
    this.cache = cache;
    this.following = new Liveness(`following the keyspace${place}`, clock);
    this.acknowledging = new Liveness(`acknowledging${place}`, clock);
    this.faults = new FaultReports(`the keyspace${place}`, log, clock);
    this.#source = coveredSource(mount, mounts);
    this.#folders = folders;
    this.#id = id;
    this.following.deadline();
  }

  /** Whether its entries are known, even if from an earlier process. */
  get isRead(): boolean {
    return this.snapshot.value !== undefined;
  }

  /** Keeps `snapshot` equal to the keyspace. */
  async run(
    deps: Pick<WatchDeps, "clock" | "random" | "arrivals">,
    signal: AbortSignal,
  ): Promise<void> {
    const { snapshot, cache } = this;
    const unread = this.#isShared
      ? "its entries are not known yet"
      : "no file has been rendered yet";
    const read = { source: this.#source, prefixes: this.#folders, id: this.#id };
    const following = { ...read, snapshot, cache, unread };
    const reporter = withLiveness(this.faults.reporter(), this.following);
    await runAll(
      signal,
      (s) => followKeyspace(following, reporter, deps, s),
      (s) => cache.standInLate(snapshot, deps.clock, s),
    );
  }
}
