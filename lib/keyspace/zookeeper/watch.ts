import { Exception } from "node-zookeeper-client";
import { sentence } from "../../base/fault.ts";
import { race, whenAborted } from "../../base/signal.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import { folderOf, outermost } from "../../model/entry.ts";
import type { KeySource } from "../contract.ts";
import { faults } from "../faults.ts";
import type { Connection } from "./connection.ts";
import type { ZookeeperDial } from "./dial.ts";
import { asFault, codeOf } from "./errors.ts";
import { folderPathOf } from "./path.ts";
import { type Paths, Touched } from "./touched.ts";
import type { FoundNode, Tree } from "./tree.ts";
import { watchEach } from "./watch-each.ts";
import { watchWhole } from "./watch-whole.ts";

/** The time to live of the session that each connection has to have, also one that only reads. */
const sessionMs = 10_000;

/** What watches need of their keyspace. */
export interface ZookeeperWatchDeps {
  readonly url: string;
  readonly chroot: string;
  readonly dial: ZookeeperDial;
}

/** A way to watch some folders. */
type Way = (connection: Connection, chroot: string, folders: readonly string[]) => Tree;

/** Makes watches: of whole folders where the server can do that, else of each node. */
export function watching(watched: ZookeeperWatchDeps): KeySource["watch"] {
  // The server that was asked last cannot. This is kept until a watch has begun in the other way, which takes
  // another connection, and the next server may be down.
  let old = false;

  const watchEither = async function* (folders: readonly string[], signal: AbortSignal) {
    try {
      if (!old) return yield* watch(watchWhole, watched, folders, signal);
    } catch (error) {
      if (codeOf(error) !== Exception.UNIMPLEMENTED) throw error;
      old = true;
    }
    for await (const batch of watch(watchEach, watched, folders, signal)) {
      old = false;
      yield batch;
    }
  };

  return async function* (prefixes, signal) {
    try {
      const folders = outermost(prefixes.map(folderOf)).map((folder) =>
        folderPathOf(watched.chroot, folder),
      );
      yield* watchEither(folders, signal);
    } catch (error) {
      signal.throwIfAborted();
      const what = `read ${prefixes.map((prefix) => prefix || "/").join(", ")}`;
      throw asFault(error, watched.url, what);
    }
  };
}

/**
 * Lists the folders, then reads again what is said to have changed, over a connection of its own: what
 * changes after a node was read is told after that. Whatever ends the connection ends the watch, since
 * ZooKeeper does not tell what changed meanwhile.
 */
async function* watch(
  way: Way,
  { url, chroot, dial }: ZookeeperWatchDeps,
  folders: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const touched = new Touched();
  const onChange: Touched["add"] = (path, what) => touched.add(path, what);
  const connection = await dial({ sessionMs, onChange }, signal);
  try {
    const tree = way(connection, chroot, folders);
    const entries = new Map<string, Entry>();
    const all = differences(entries, await tree.list(signal))?.put ?? new Map();
    yield { kind: "reset", revision: connection.revision, entries: all };
    for (;;) {
      const paths = await news(connection, touched, url, signal);
      const delta = differences(entries, await tree.reread(paths, signal));
      if (delta) yield { ...delta, revision: connection.revision };
    }
  } finally {
    connection.leave();
  }
}

/** Resolves with what is said to have changed; rejects when the connection has ended. */
async function news(
  { ended }: Connection,
  touched: Touched,
  url: string,
  signal: AbortSignal,
): Promise<Paths> {
  return await race(
    signal,
    (s) => touched.take(s),
    async (s) => {
      await whenAborted(ended, s);
      const why = sentence(ended.reason);
      throw faults.KEYSPACE_WATCH_ENDED({ url, why }, ended.reason);
    },
  );
}

/** Brings the entries up to date: what that changes, or undefined where it is nothing. */
function differences(
  entries: Map<string, Entry>,
  found: FoundNode,
): Omit<Extract<Batch, { kind: "delta" }>, "revision"> | undefined {
  const put = new Map<string, Entry>();
  const gone: string[] = [];
  for (const [key, entry] of found) {
    const before = entries.get(key);
    if (entry && entry.revision !== before?.revision) put.set(key, entry);
    if (before && !entry) gone.push(key);
    if (entry) entries.set(key, entry);
    else entries.delete(key);
  }
  return put.size + gone.length > 0 ? { kind: "delta", put, gone } : undefined;
}
