import { Exception } from "node-zookeeper-client";
import type { Connection } from "../../lib/keyspace/zookeeper/connection.ts";
import { codeOf, ifNoNode } from "../../lib/keyspace/zookeeper/errors.ts";
import { folderPathOf, isSystem, keyOf, pathOf } from "../../lib/keyspace/zookeeper/path.ts";
import type { Reading, StoredEntry } from "./store.ts";

type Work<T> = (connection: Connection) => Promise<T>;

/** Reads the entries one by one. Persistent nodes without data are folders. */
export function listBelow(folder: string): Work<Reading> {
  return async (connection) => {
    const entries = new Map<string, StoredEntry>();
    const changes = new Map<string, number>();
    const visit = async (path: string): Promise<void> => {
      const names = (await connection.children(path).catch(ifNoNode)) ?? [];
      await Promise.all(names.map((name) => read(`${path === "/" ? "" : path}/${name}`)));
    };
    const read = async (path: string): Promise<void> => {
      if (isSystem(path)) return;
      const node = await connection.read(path).catch(ifNoNode);
      if (!node) return;
      const { value, owner, created, children, childChanges } = node;
      changes.set(path, childChanges);
      if (value !== "" || owner !== undefined) {
        entries.set(keyOf("", path), { value, owner: owner?.toString(16), created });
      }
      if (children > 0) await visit(path);
    };
    await visit(folderPathOf("", folder));
    return { entries, changes };
  };
}

/** Creates or replaces a persistent node, and creates missing folders. */
export function writeNode(key: string, value: string): Work<void> {
  return async (connection) => {
    const path = pathOf("", key);
    const before = await connection.stat(path);
    if (before && before.owner === undefined) {
      await connection.setData(path, Buffer.from(value), -1);
      return;
    }
    if (before) await removeNode(key)(connection);
    const names = path.split("/");
    for (let depth = 2; depth <= names.length; depth += 1) {
      await connection.createFolder(names.slice(0, depth).join("/")).catch(ifExists);
    }
    await connection.setData(path, Buffer.from(value), -1);
  };
}

export function removeNode(key: string): Work<void> {
  return async (connection) => {
    await connection.remove(pathOf("", key), -1).catch(ifNoNode);
  };
}

function ifExists(error: unknown): undefined {
  if (codeOf(error) !== Exception.NODE_EXISTS) throw error;
}
