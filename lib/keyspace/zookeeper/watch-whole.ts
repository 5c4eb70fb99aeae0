import { abortable } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import type { Connection } from "./connection.ts";
import { ifNoNode } from "./errors.ts";
import { isSystem, keyOf } from "./path.ts";
import { entryOf, pathsBelow, type Tree } from "./tree.ts";
import { each, walk } from "./walk.ts";

/**
 * Watches each folder with all that lies below it, once and for all, and then lists it. ZooKeeper can do so
 * since 3.6; an older one answers that this is not implemented, and closes the connection.
 */
export function watchWhole(
  connection: Connection,
  chroot: string,
  folders: readonly string[],
): Tree {
  const read = async (path: string) => await connection.read(path).catch(ifNoNode);
  return {
    async list(signal) {
      for (const folder of folders) await abortable(connection.watch(folder), signal);
      await abortable(connection.sync(), signal);
      const found = new Map<string, Entry>();
      const visit = async (path: string) => {
        const node = await read(path);
        const entry = entryOf(chroot, path, node);
        if (entry) found.set(entry.key, entry);
        return node !== undefined && node.children > 0;
      };
      const below = (path: string) => pathsBelow(connection, path, "never");
      await walk({ data: new Set(folders), children: new Set() }, { visit, below }, signal);
      return found;
    },
    async reread({ data }, signal) {
      const found = new Map<string, Entry | undefined>();
      await each(data, signal, async (path) => {
        if (!isSystem(path))
          found.set(keyOf(chroot, path), entryOf(chroot, path, await read(path)));
      });
      return found;
    },
  };
}
