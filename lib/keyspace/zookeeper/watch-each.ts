import { abortable } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import type { Connection, Node } from "./connection.ts";
import { ifNoNode } from "./errors.ts";
import { keyOf } from "./path.ts";
import type { Paths } from "./touched.ts";
import { entryOf, type FoundNode, pathsBelow, type Tree } from "./tree.ts";
import { walk } from "./walk.ts";

/**
 * Watches each node by itself, for ZooKeeper before 3.6: its data, and what is right below one that stays.
 * Such a watch is set by the answer that it begins with, and tells of one change: whatever is read again is
 * watched again, so that there is no gap between the two.
 */
export function watchEach(
  connection: Connection,
  chroot: string,
  folders: readonly string[],
): Tree {
  /** The nodes whose data is watched, by the transaction that made each. */
  const watched = new Map<string, string>();

  const follow = async (from: Paths, signal: AbortSignal): Promise<FoundNode> => {
    const found = new Map<string, Entry | undefined>();
    const visit = async (path: string) => {
      const node = await read(path);
      found.set(keyOf(chroot, path), entryOf(chroot, path, node));
      const before = watched.get(path);
      if (node) watched.set(path, node.made);
      else watched.delete(path);
      // The watch of what is below one is gone once that has been removed, also if it was made anew since.
      return node !== undefined && node.owner === undefined && node.made !== before;
    };
    const below = async (path: string) => {
      const paths = await pathsBelow(connection, path, "once");
      // All that was touched has been read before: what was gone then, and is back, counts as new.
      return paths.filter((path) => !watched.has(path));
    };
    await walk(from, { visit, below }, signal);
    return found;
  };

  /** One that is missing is told of by the node above it, once that is read again; a folder is waited for. */
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
      return await follow({ data: new Set(folders), children: new Set() }, signal);
    },
    reread: follow,
  };
}
