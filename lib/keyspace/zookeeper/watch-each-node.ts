import { abortable } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import type { Paths } from "./changed-paths.ts";
import type { Connection } from "./connection.ts";
import { ifNoNode } from "./errors.ts";
import type { Node } from "./node.ts";
import { keyOf } from "./path.ts";
import { entryOf, pathsBelow, type ReadEntries, type Tree } from "./tree.ts";
import { walk } from "./walk.ts";

/**
 * Watches each node separately, for ZooKeeper before 3.6: its data, and the children of a persistent node. Such a watch
 * starts with the answer to a read and fires once; reading the node again sets it again, so that there is no gap.
 */
export function watchEachNode(
  connection: Connection,
  chroot: string,
  folders: readonly string[],
): Tree {
  /** By path of each node with a watch on its data: the transaction that created the node. */
  const watched = new Map<string, string>();

  const readBelow = async (from: Paths, signal: AbortSignal): Promise<ReadEntries> => {
    const entries = new Map<string, Entry | undefined>();
    const visit = async (path: string) => {
      const node = await read(path);
      entries.set(keyOf(chroot, path), entryOf(chroot, path, node));
      const before = watched.get(path);
      if (node) watched.set(path, node.created);
      else watched.delete(path);
      // A removed node loses the watch on its children, also if it was created again since.
      return node !== undefined && node.owner === undefined && node.created !== before;
    };
    const below = async (path: string) => {
      const paths = await pathsBelow(connection, path, "once");
      // All changed nodes have been read before, so a node that was removed and created again counts as new.
      return paths.filter((path) => !watched.has(path));
    };
    await walk(from, { visit, below }, signal);
    return entries;
  };

  /** A missing node is reported by the watch on its parent's children; a missing folder gets a watch of its own. */
  const read = async (path: string): Promise<Node | undefined> => {
    for (;;) {
      const node = await connection.read(path, "once").catch(ifNoNode);
      if (node || !folders.includes(path)) return node;
      if (!(await connection.stat(path, "once"))) return undefined;
    }
  };

  return {
    async list(signal) {
      await abortable(connection.sync(), signal);
      return await readBelow({ data: new Set(folders), children: new Set() }, signal);
    },
    reread: readBelow,
  };
}
