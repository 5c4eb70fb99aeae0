import { abortable } from "../../base/signal.ts";
import type { Paths } from "./changed-paths.ts";
import { isSystem } from "./path.ts";
import { NodeReader, type ReadEntries, type Tree, type TreeSource } from "./tree.ts";
import { walk } from "./walk.ts";

/**
 * Sets one persistent recursive watch on each folder, then lists it. Requires ZooKeeper 3.6: an older server answers
 * UNIMPLEMENTED and closes the connection.
 */
export function watchRecursively(source: TreeSource): Tree {
  const { connection, folders } = source;
  const reader = new NodeReader(source);
  const readBelow = async (
    data: ReadonlySet<string>,
    signal: AbortSignal,
    isNew: (path: string) => boolean,
  ): Promise<ReadEntries> => {
    const entries: Parameters<NodeReader["read"]>[2] = new Map();
    const visit = async (path: string) => {
      const isWalked = isNew(path);
      const node = await reader.read(path, "never", entries);
      return isWalked && node !== undefined && node.children > 0;
    };
    const below = (path: string) => reader.below(path, "never");
    await walk({ data, children: new Set() }, { visit, below }, signal);
    return entries;
  };
  return {
    denied: reader.denied,
    async list(signal) {
      for (const folder of folders) await abortable(connection.watch(folder), signal);
      await abortable(connection.sync(), signal);
      return await readBelow(new Set(folders), signal, () => true);
    },
    async reread({ data }: Paths, signal) {
      const changed = [...data].filter((path) => !isSystem(path));
      // The children of a changed node have events of their own, unless a node above them could not be read before.
      const unvisited = new Set(changed);
      const isNew = (path: string) => !unvisited.delete(path) || reader.denied.has(path);
      return await readBelow(new Set(changed), signal, isNew);
    },
  };
}
