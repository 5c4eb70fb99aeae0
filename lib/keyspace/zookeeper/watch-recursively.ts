import { abortable } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import type { Connection } from "./connection.ts";
import { ifNoNode } from "./errors.ts";
import { isSystem, keyOf } from "./path.ts";
import { entryOf, pathsBelow, type Tree } from "./tree.ts";
import { forEachPath, walk } from "./walk.ts";

/**
 * Sets one persistent recursive watch on each folder, then lists it. Requires ZooKeeper 3.6: an older server answers
 * UNIMPLEMENTED and closes the connection.
 */
export function watchRecursively(
  connection: Connection,
  chroot: string,
  folders: readonly string[],
): Tree {
  const read = async (path: string) => await connection.read(path).catch(ifNoNode);
  return {
    async list(signal) {
      for (const folder of folders) await abortable(connection.watch(folder), signal);
      await abortable(connection.sync(), signal);
      const entries = new Map<string, Entry>();
      const visit = async (path: string) => {
        const node = await read(path);
        const entry = entryOf(chroot, path, node);
        if (entry) entries.set(entry.key, entry);
        return node !== undefined && node.children > 0;
      };
      const below = (path: string) => pathsBelow(connection, path, "never");
      await walk({ data: new Set(folders), children: new Set() }, { visit, below }, signal);
      return entries;
    },
    async reread({ data }, signal) {
      const entries = new Map<string, Entry | undefined>();
      await forEachPath(data, signal, async (path) => {
        if (isSystem(path)) return;
        entries.set(keyOf(chroot, path), entryOf(chroot, path, await read(path)));
      });
      return entries;
    },
  };
}
