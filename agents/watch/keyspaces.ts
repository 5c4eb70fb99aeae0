import { isDeepStrictEqual } from "node:util";
import { Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import type { Log } from "../../lib/base/log.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import { MergedSnapshot } from "../../lib/keyspace/mounts/merged-snapshot.ts";
import type { Mount, Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import type { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { CachedSnapshotStatus } from "../../lib/status/contract.ts";
import type { LoopFacts, MountFacts } from "../../lib/status/facts.ts";
import { FollowedKeyspace } from "./followed-keyspace.ts";
import type { WatchDeps } from "./state.ts";

/** How long a start waits for a keyspace before files that do not depend on it are rendered without it, in milliseconds. */
const waitMs = 10_000;

const everything: readonly string[] = [""];

/** The folders to read, and the keyspaces that have them. */
interface Read {
  readonly mounts: Mounts;
  /** The folders to read, as paths. */
  readonly folders: readonly string[];
  /** Whether some files may be rendered without any entries, from instances of the configuration. */
  readonly hasFallBacks: boolean;
}

/** What the keyspaces are read for. */
interface Reading extends Read {
  /** Distinguishes the watcher from all others. */
  readonly id: string;
  /** The last snapshot of them all. */
  readonly cache: SnapshotCache;
  /** Gets their entries as one snapshot. */
  readonly snapshot: Cell<Snapshot | undefined>;
  /** The keyspaces of the former configuration; undefined at the start. */
  readonly before?: FollowedKeyspaces | undefined;
}

/**
 * The keyspaces that a watcher reads. Each is followed by itself: one that is unreachable keeps its last known entries and does
 * not hold up another. Their entries are first used once each has been read, or after `waitMs` without the others.
 */
export class FollowedKeyspaces {
  readonly all: readonly FollowedKeyspace[];
  /** The last snapshot of them all. */
  readonly cache: SnapshotCache;
  readonly #snapshot: Cell<Snapshot | undefined>;
  /** The only keyspace sets the snapshot by itself: files are rendered once it has been read. */
  readonly #isDirect: boolean;
  readonly #isOverdue: Cell<boolean>;
  readonly #read: Read;
  readonly #log: Log;

  constructor(reading: Reading, clock: Clock, log: Log) {
    const { mounts, folders, id, cache, snapshot, hasFallBacks, before } = reading;
    const parts = [...mounts.partsOf(folders)];
    this.#isDirect = parts.length === 1 && !hasFallBacks;
    this.cache = cache;
    this.#read = { mounts, folders, hasFallBacks };
    // After a reload, nothing waits for a keyspace that is new.
    this.#isOverdue = new Cell(before !== undefined);
    this.#snapshot = snapshot;
    this.#log = log;
    this.all = parts.map(([mount, own]) => {
      const ofMount = (key: string) => mounts.locate(key).mount === mount;
      const settings = this.#isDirect
        ? { cache, snapshot }
        : { cache: cache.part(mount.keyspace.url, ofMount) };
      const known = before?.all.find((one) => one.mount.folder === mount.folder);
      const followed = { mounts, mount, folders: own, id, ...settings, before: known };
      return new FollowedKeyspace(followed, clock, log);
    });
  }

  /** The keyspaces whose entries are not known. */
  get unread(): readonly Mount[] {
    return this.all.flatMap(({ isRead, mount }) => (isRead ? [] : [mount]));
  }

  /** Whether the same is read of the same keyspaces. */
  isFor({ mounts, ...read }: Read): boolean {
    const { mounts: own, ...before } = this.#read;
    return mounts === own && isDeepStrictEqual(read, before);
  }

  /** Whether entries that files depend on are not known yet since the configuration was reloaded. */
  lacks(required: readonly string[]): boolean {
    return this.all.some((one) => one.lacks(required));
  }

  /** Resolves once the entries of all are known. */
  async allRead(signal: AbortSignal): Promise<void> {
    const isComplete = () => this.unread.length === 0 && !this.lacks(everything);
    await untilAny(this.#cells, isComplete, signal);
  }

  async run(
    deps: Pick<WatchDeps, "clock" | "random" | "arrivals" | "inUse">,
    signal: AbortSignal,
  ): Promise<void> {
    const following = this.all.map((one) => (s: AbortSignal) => one.run(deps, s));
    if (this.#isDirect) return await runAll(signal, ...following);
    await runAll(
      signal,
      ...following,
      (s) => this.#merge(s),
      (s) => this.#giveUpWaiting(deps.clock, s),
    );
  }

  facts(): {
    readonly keyspaceLoops: readonly LoopFacts[];
    readonly mounts: readonly MountFacts[];
    readonly cachedSnapshot: CachedSnapshotStatus | undefined;
  } {
    const [root, mounted] = [
      this.all.filter(({ mount }) => mount.folder === ""),
      this.all.filter(({ mount }) => mount.folder !== ""),
    ];
    return {
      keyspaceLoops: root.map(({ following }) => following.facts()),
      mounts: mounted.map(({ mount: { folder, keyspace }, following }) => {
        return { folder, url: keyspace.url, loops: [following.facts()] };
      }),
      cachedSnapshot: this.all.find(({ cache }) => cache.standingIn)?.cache.standingIn,
    };
  }

  get #cells(): readonly Cell<Snapshot | undefined>[] {
    return this.all.map(({ snapshot }) => snapshot);
  }

  async #merge(signal: AbortSignal): Promise<void> {
    let merged = new MergedSnapshot();
    const cells = [...this.#cells, this.#isOverdue];
    const isReady = () => this.#isOverdue.value || this.unread.length === 0;
    await untilAny(cells, isReady, signal);
    for (let unread = this.unread.length; ; ) {
      const versions = cells.map(({ version }) => version);
      // The entries of a keyspace that replaces another one are others, even if they look the same.
      if (this.unread.length < unread) merged = new MergedSnapshot();
      let latest = merged.snapshot;
      for (const { mount, snapshot } of this.all) {
        if (snapshot.value) latest = merged.with(mount, snapshot.value);
      }
      if (latest !== this.#snapshot.value) this.#snapshot.set(latest);
      unread = this.unread.length;
      await race(
        signal,
        ...cells.map((cell, i) => (s: AbortSignal) => cell.newer(versions[i] ?? 0, s)),
      );
    }
  }

  async #giveUpWaiting(clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#isOverdue.value) return;
    await race(
      signal,
      (s) => this.allRead(s),
      (s) => clock.sleep(waitMs, s),
    );
    for (const { folder, keyspace } of this.unread) {
      const where = folder && `, which is mounted at ${folder},`;
      const sentence = `the keyspace ${keyspace.url}${where} was not read within ${formatDuration(waitMs)}: files that depend on it wait, the others are rendered without it`;
      this.#log.warn("keyspace_not_read", sentence, { keyspace: keyspace.url, folder });
    }
    this.#isOverdue.set(true);
  }
}
