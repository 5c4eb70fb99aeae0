import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import type { Mount, Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { coveredSource } from "../../lib/keyspace/mounts/visible-source.ts";
import type { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import { isWithin, isWithinAny } from "../../lib/model/entry.ts";
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
  /** The keyspace at the same folder in the former configuration; undefined at the start, and if there was none. */
  readonly before?: FollowedKeyspace | undefined;
}

/** A cell whose values another one gets, too: what that has had before is of another keyspace. */
class MirroredCell extends Cell<Snapshot | undefined> {
  readonly #mirror: Cell<Snapshot | undefined>;

  constructor(mirror: Cell<Snapshot | undefined>) {
    super(undefined);
    this.#mirror = mirror;
  }

  override set(value: Snapshot | undefined): void {
    super.set(value);
    this.#mirror.set(value);
  }
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
  readonly #hidden: readonly string[];
  readonly #isShared: boolean;
  readonly #id: string;
  /** The cell that the keyspace is read to. */
  readonly #read: Cell<Snapshot | undefined>;
  /** Whether the entries in `snapshot` are those of another keyspace. */
  #isOther: boolean;
  /** The folders whose entries are not known. */
  #missing: readonly string[];

  constructor(settings: FollowedSettings, clock: Clock, log: Log) {
    const { mounts, mount, folders, id, cache, snapshot, before } = settings;
    const isSame = before?.mount.keyspace === mount.keyspace && before.hides(mounts);
    const place = mount.folder && ` at ${mount.folder}`;
    this.mount = mount;
    this.snapshot = snapshot ?? new Cell(before?.snapshot.value);
    this.#isOther = this.snapshot.value !== undefined && !isSame;
    this.#read = this.#isOther ? new MirroredCell(this.snapshot) : this.snapshot;
    this.#missing = before && isSame ? before.notCovered(folders) : [];
    this.#hidden = hiddenIn(mounts);
    this.#isShared = snapshot === undefined;
    this.cache = cache;
    const known = isSame ? before : undefined;
    this.following = known?.following ?? new Liveness(`following the keyspace${place}`, clock);
    this.acknowledging = known?.acknowledging ?? new Liveness(`acknowledging${place}`, clock);
    this.faults = known?.faults ?? new FaultReports(`the keyspace${place}`, log, clock);
    this.#source = coveredSource(mount, mounts);
    this.#folders = folders;
    this.#id = id;
    this.following.deadline();
  }

  /** Whether its entries are known, even if from an earlier process. */
  get isRead(): boolean {
    return this.snapshot.value !== undefined && !this.#isOther;
  }

  /** Whether it was not read yet since the configuration was reloaded, and these files depend on what it was not read for before. */
  lacks(required: readonly string[]): boolean {
    return this.#missing.some((one) => {
      return isWithinAny(one, required) || required.some((folder) => isWithin(folder, one));
    });
  }

  /** Those of some folders whose entries are not known. */
  notCovered(folders: readonly string[]): readonly string[] {
    if (!this.isRead) return folders;
    return folders.filter((one) => !isWithinAny(one, this.#folders) || this.lacks([one]));
  }

  /** Whether the same keys of it are hidden by the keyspaces that are mounted. */
  hides(mounts: Mounts): boolean {
    return isDeepStrictEqual(hiddenIn(mounts), this.#hidden);
  }

  /** Keeps `snapshot` equal to the keyspace. */
  async run(
    deps: Pick<WatchDeps, "clock" | "random" | "arrivals" | "inUse">,
    signal: AbortSignal,
  ): Promise<void> {
    using _ = deps.inUse?.begin(this.mount.keyspace);
    const { cache } = this;
    const snapshot = this.#read;
    const unread = this.#isShared
      ? "its entries are not known yet"
      : "no file has been rendered yet";
    const read = { source: this.#source, prefixes: this.#folders, id: this.#id };
    const onRead = () => {
      this.#isOther = false;
      this.#missing = [];
    };
    const following = { ...read, snapshot, cache, unread, onRead };
    const reporter = withLiveness(this.faults.reporter(), this.following);
    await runAll(
      signal,
      (s) => followKeyspace(following, reporter, deps, s),
      (s) => cache.standInLate(snapshot, deps.clock, s),
    );
  }
}

/** The folders of the mounted keyspaces. */
function hiddenIn(mounts: Mounts): readonly string[] {
  return mounts.all.map(({ folder }) => folder).sort();
}
