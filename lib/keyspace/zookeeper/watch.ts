import { Exception } from "node-zookeeper-client";
import { Cell } from "../../base/cell.ts";
import { sentence } from "../../base/fault.ts";
import { aborted, first, heed } from "../../base/signal.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import { faults as stageFaults } from "../faults.ts";
import { outermost } from "../folders.ts";
import type { Connection } from "./connection.ts";
import type { Dial } from "./dial.ts";
import { faults } from "./faults.ts";
import { list, readEach } from "./list.ts";
import { folderPathOf } from "./path.ts";
import { asFault, codeOf } from "./trouble.ts";

/** The time to live of the session that each connection has to have, also one that only reads. */
const sessionMs = 10_000;

/** What a watch needs of its keyspace. */
export interface Watched {
  readonly url: string;
  readonly chroot: string;
  readonly dial: Dial;
}

/**
 * Watches the folders, then lists them, then reads again each node that is said to have changed, over a
 * connection of its own: what changes after a node was read is told after that. Whatever ends the
 * connection ends the watch with a fault, since ZooKeeper does not tell what changed meanwhile.
 */
export async function* watch(
  { url, chroot, dial }: Watched,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const touched = new Cell(new Set<string>());
  const onChange = (path: string) => touched.set(touched.value.add(path));
  let connection: Connection | undefined;
  try {
    const folders = outermost(prefixes).map((folder) => folderPathOf(chroot, folder));
    connection = await dial({ sessionMs, onChange }, signal);
    for (const folder of folders) await begin(connection, folder, url, signal);
    const entries = await list(connection, chroot, folders, signal);
    yield { kind: "reset", revision: connection.revision, entries: new Map(entries) };
    for (;;) {
      if (touched.value.size === 0) await news(connection, touched, url, signal);
      const paths = [...touched.value];
      touched.value.clear();
      const delta = differences(entries, await readEach(connection, chroot, paths, signal));
      if (delta) yield { ...delta, revision: connection.revision };
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asFault(error, url, `read ${prefixes.map((prefix) => prefix || "/").join(", ")}`);
  } finally {
    connection?.leave();
  }
}

async function begin(
  connection: Connection,
  folder: string,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await heed(connection.watch(folder), signal);
  } catch (error) {
    if (codeOf(error) !== Exception.UNIMPLEMENTED) throw error;
    throw faults.KEYSPACE_ZOOKEEPER_OLD({ url }, error);
  }
}

/** Resolves once a node is said to have changed; rejects when the connection has ended. */
async function news(
  { ended }: Connection,
  touched: Cell<Set<string>>,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  await first(
    signal,
    (s) => touched.newer(touched.version, s),
    async (s) => {
      await aborted(ended, s);
      const why = sentence(ended.reason);
      throw stageFaults.KEYSPACE_WATCH_ENDED({ url, why }, ended.reason);
    },
  );
}

/** Brings the entries up to date: what that changes, or undefined where it is nothing. */
function differences(
  entries: Map<string, Entry>,
  found: ReadonlyMap<string, Entry | undefined>,
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
