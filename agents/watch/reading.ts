import { Cell } from "../../lib/base/cell.ts";
import { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { SnapshotOrigin } from "../../lib/keyspace/snapshot-file.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { AcknowledgedFiles } from "./acknowledge.ts";
import type { WatcherSettings } from "./contract.ts";
import { prefixesOf, type TemplateGroup } from "./groups.ts";
import { FollowedKeyspaces } from "./keyspaces.ts";
import { hasConfiguredInstances, readiness } from "./lacking.ts";
import type { WatchDeps, WatchState } from "./state.ts";
import type { Watched } from "./watched.ts";

/** The keyspaces that a watcher reads for its groups, and their last snapshot on disk. */
export class Reading {
  readonly keyspaces: Cell<FollowedKeyspaces>;
  readonly #watched: Watched;
  readonly #state: WatchState;
  readonly #id: string;
  readonly #deps: Pick<WatchDeps, "clock" | "log">;

  private constructor(
    cache: SnapshotCache,
    watched: Watched,
    state: WatchState,
    { id }: Pick<WatcherSettings, "id">,
    deps: Pick<WatchDeps, "clock" | "log">,
  ) {
    this.#watched = watched;
    this.#state = state;
    this.#id = id;
    this.#deps = deps;
    this.keyspaces = new Cell(this.#followed(cache));
  }

  /** Reads the snapshot cache. */
  static async open(
    watched: Watched,
    state: WatchState,
    settings: WatcherSettings,
    deps: Pick<WatchDeps, "clock" | "log">,
  ): Promise<Reading> {
    const cache = await SnapshotCache.open(settings.cachePath, originOf(watched), deps.log);
    return new Reading(cache, watched, state, settings, deps);
  }

  /** The snapshot that an earlier process saved; undefined where there is none. */
  get cached(): Snapshot | undefined {
    return this.keyspaces.value.cache.snapshot;
  }

  /** Follows the keyspaces that the groups read now. Until they are read, the last known entries stay. */
  replace(): void {
    const before = this.keyspaces.value;
    if (before.isFor(this.#read())) return;
    const cache = before.cache.withOrigin(originOf(this.#watched));
    this.keyspaces.set(this.#followed(cache, before));
  }

  get acknowledged(): AcknowledgedFiles {
    const { statuses, plan } = this.#watched;
    return {
      statuses: statuses.value,
      keyspaces: this.keyspaces.value.all,
      isEnabled: plan.value.acknowledge,
    };
  }

  /** Whether all entries are known that the files of a group need, by snapshot. */
  readinessOf(group: TemplateGroup): (snapshot: Snapshot) => boolean {
    const { mounts } = this.#watched;
    const { views } = this.#state;
    return readiness(
      group,
      () => this.keyspaces.value,
      () => mounts.value,
      views,
    );
  }

  #followed(cache: SnapshotCache, before?: FollowedKeyspaces): FollowedKeyspaces {
    const { clock, log } = this.#deps;
    const { snapshot } = this.#state;
    const reading = { ...this.#read(), id: this.#id, cache, snapshot, before };
    return new FollowedKeyspaces(reading, clock, log);
  }

  #read() {
    const { groups, mounts, plan } = this.#watched;
    const folders = prefixesOf(groups.value, mounts.value);
    const hasFallBacks = hasConfiguredInstances(plan.value.sources);
    return { mounts: mounts.value, folders, hasFallBacks };
  }
}

/** Of the snapshots that the groups are rendered from. */
function originOf({ groups, mounts: { value: mounts } }: Watched): SnapshotOrigin {
  return { url: mounts.url, prefixes: prefixesOf(groups.value, mounts) };
}
