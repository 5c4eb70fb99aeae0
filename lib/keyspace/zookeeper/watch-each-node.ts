import { abortable } from "../../base/signal.ts";
import type { Paths } from "./changed-paths.ts";
import type { Node } from "./node.ts";
import { NodeReader, type ReadEntries, type Tree, type TreeSource } from "./tree.ts";
import { walk } from "./walk.ts";

/**
 * Watches each node separately, for ZooKeeper before 3.6: its data, and the children of a persistent node. Such a watch
 * starts with the answer to a read and fires once; reading the node again sets it again, so that there is no gap.
 */
export function watchEachNode(source: TreeSource): Tree {
  const { connection, folders } = source;
  const reader = new NodeReader(source);
  /** By path of each node with a watch on its data: the transaction that created the node. */
  const watched = new Map<string, string>();

  const readBelow = async (from: Paths, signal: AbortSignal): Promise<ReadEntries> => {
    const entries: Parameters<NodeReader["read"]>[2] = new Map();
    const visit = async (path: string) => {
      const node = await read(path, entries);
      const before = watched.get(path);
      if (node) watched.set(path, node.created);
      else watched.delete(path);
      // A removed node loses the watch on its children, also if it was created again since.
      return node !== undefined && node.owner === undefined && node.created !== before;
    };
    const below = async (path: string) => {
      const paths = await reader.below(path, "once");
      // All changed nodes have been read before, so a node that was removed and created again counts as new.
      return paths.filter((path) => !watched.has(path));
    };
    await walk(from, { visit, below }, signal);
    return entries;
  };

  /** A missing node is reported by the watch on its parent's children; a missing folder gets a watch of its own. */
  const read = async (
    path: string,
    entries: Parameters<NodeReader["read"]>[2],
  ): Promise<Node | undefined> => {
    for (;;) {
      const node = await reader.read(path, "once", entries);
      if (node || !folders.includes(path)) return node;
      if (!(await connection.stat(path, "once"))) return undefined;
    }
  };

  return {
    denied: reader.denied,
    async list(signal) {
      await abortable(connection.sync(), signal);
      return await readBelow({ data: new Set(folders), children: new Set() }, signal);
    },
    reread: readBelow,
  };
}
