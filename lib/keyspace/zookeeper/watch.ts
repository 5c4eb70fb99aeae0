import { Exception } from "node-zookeeper-client";
import type { Clock } from "../../base/clock.ts";
import { sentence } from "../../base/fault.ts";
import { race, whenAborted } from "../../base/signal.ts";
import { type Batch, folderOf, outermost } from "../../model/entry.ts";
import { watchersFolder } from "../../model/watcher-entry.ts";
import type { KeySource, WatchAgain } from "../contract.ts";
import { faults } from "../faults.ts";
import type { ListSize } from "../list-turns.ts";
import { ChangedPaths, type Paths } from "./changed-paths.ts";
import type { Connection } from "./connection.ts";
import { DeniedNodes } from "./denied-nodes.ts";
import type { ZookeeperDial } from "./dial.ts";
import { asFault, codeOf } from "./errors.ts";
import { folderPathOf, pathOf } from "./path.ts";
import { ReadState } from "./read-state.ts";
import type { Tree, TreeSource } from "./tree.ts";
import { watchEachNode } from "./watch-each-node.ts";
import { watchRecursively } from "./watch-recursively.ts";

/** The TTL of the session that a connection needs even if it only reads, in milliseconds. */
const sessionMs = 10_000;

export interface ZookeeperWatchDeps {
  readonly url: string;
  readonly chroot: string;
  readonly dial: ZookeeperDial;
  readonly clock: Clock;
}

type TreeFactory = (source: TreeSource) => Tree;

/** Creates the `watch` of a keyspace: with recursive watches if the server supports them, else with one per node. */
export function createWatch(deps: ZookeeperWatchDeps): KeySource["watch"] {
  // The last server does not support recursive watches. Kept until a watch per node has begun: that takes another
  // connection, and the next server may be down.
  let isOldServer = false;

  const watchFolders = async function* (
    folders: readonly string[],
    again: WatchAgain | undefined,
    signal: AbortSignal,
  ) {
    try {
      if (!isOldServer) return yield* watch(watchRecursively, deps, folders, again, signal);
    } catch (error) {
      if (codeOf(error) !== Exception.UNIMPLEMENTED) throw error;
      isOldServer = true;
    }
    for await (const batch of watch(watchEachNode, deps, folders, again, signal)) {
      isOldServer = false;
      yield batch;
    }
  };

  return async function* (prefixes, signal, again) {
    try {
      const folders = outermost(prefixes.map(folderOf)).map((folder) =>
        folderPathOf(deps.chroot, folder),
      );
      yield* watchFolders(folders, again, signal);
    } catch (error) {
      signal.throwIfAborted();
      const what = `read ${prefixes.map((prefix) => prefix || "/").join(", ")}`;
      throw asFault(error, deps.url, what);
    }
  };
}

/** That of the last batch. ZooKeeper cannot continue a watch, but the next list may wait for its turn. */
class ZookeeperPosition {
  readonly size: ListSize;

  constructor(size: ListSize) {
    this.size = size;
  }
}

/** Waits for the turn to list again. */
async function turn(
  connection: Connection,
  { position, turns }: WatchAgain,
  { url, chroot }: ZookeeperWatchDeps,
  signal: AbortSignal,
): Promise<void> {
  if (!turns || !(position instanceof ZookeeperPosition)) return;
  const countWatchers = async () =>
    (await connection.stat(pathOf(chroot, watchersFolder)))?.children || undefined;
  await turns.wait({ url, position, size: position.size, countWatchers }, signal);
}

/**
 * Lists the folders, then reads each changed node again, over its own connection. The events of one connection are
 * ordered: a change after a read is reported after that read. The end of the connection ends the watch, since ZooKeeper
 * does not report the changes of the meantime.
 */
async function* watch(
  createTree: TreeFactory,
  deps: ZookeeperWatchDeps,
  folders: readonly string[],
  again: WatchAgain | undefined,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { url, chroot, dial, clock } = deps;
  const changed = new ChangedPaths();
  const onChange: ChangedPaths["add"] = (path, kind) => changed.add(path, kind);
  const connection = await dial({ sessionMs, onChange }, signal);
  try {
    if (again) await turn(connection, again, deps, signal);
    const tree = createTree({ connection, url, chroot, folders });
    const denied = new DeniedNodes(tree, clock);
    const state = new ReadState();
    const { put: entries, unreadable } = state.update(await tree.list(signal));
    yield {
      ...{ kind: "reset", revision: connection.revision, entries },
      position: new ZookeeperPosition(state.size),
      ...(unreadable && { unreadable }),
    };
    for (;;) {
      const paths = await race(
        signal,
        (s) => nextChanges(connection, changed, url, s),
        (s) => denied.addDue(changed, s),
      );
      const { put, gone, unreadable } = state.update(await tree.reread(paths, signal));
      if (put.size + gone.length === 0 && !unreadable) continue;
      yield {
        ...{ kind: "delta", revision: connection.revision, put, gone },
        position: new ZookeeperPosition(state.size),
        ...(unreadable && { unreadable }),
      };
    }
  } finally {
    connection.closeNow();
  }
}

/** Waits for changed paths. Throws KEYSPACE_WATCH_ENDED when the connection has ended. */
async function nextChanges(
  { ended }: Connection,
  changed: ChangedPaths,
  url: string,
  signal: AbortSignal,
): Promise<Paths> {
  return await race(
    signal,
    (s) => changed.take(s),
    async (s) => {
      await whenAborted(ended, s);
      const why = sentence(ended.reason);
      throw faults.KEYSPACE_WATCH_ENDED({ url, why }, ended.reason);
    },
  );
}
