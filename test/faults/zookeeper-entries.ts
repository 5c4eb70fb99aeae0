import { Exception } from "node-zookeeper-client";
import type { Connection } from "../../lib/keyspace/zookeeper/connection.ts";
import { codeOf, ifNoNode } from "../../lib/keyspace/zookeeper/errors.ts";
import { folderPathOf, isSystem, keyOf, pathOf } from "../../lib/keyspace/zookeeper/path.ts";
import type { Held, Reading } from "./store.ts";

type Work<T> = (connection: Connection) => Promise<T>;

/** Each entry as it was at some moment of the call; nodes without data that are nobody's are folders. */
export function listBelow(folder: string): Work<Reading> {
  return async (connection) => {
    const entries = new Map<string, Held>();
    const changes = new Map<string, number>();
    const visit = async (path: string): Promise<void> => {
      const names = (await connection.children(path).catch(ifNoNode)) ?? [];
      await Promise.all(names.map((name) => look(`${path === "/" ? "" : path}/${name}`)));
    };
    const look = async (path: string): Promise<void> => {
      if (isSystem(path)) return;
      const node = await connection.read(path).catch(ifNoNode);
      if (!node) return;
      const { value, owner, created: made, children, childChanges } = node;
      changes.set(path, childChanges);
      if (value !== "" || owner !== undefined) {
        entries.set(keyOf("", path), { value, owner: owner?.toString(16), made });
      }
      if (children > 0) await visit(path);
    };
    await visit(folderPathOf("", folder));
    return { entries, changes };
  };
}

/** Puts a node that stays, whatever was there, below folders that are made where they are missing. */
export function writeNode(key: string, value: string): Work<void> {
  return async (connection) => {
    const path = pathOf("", key);
    const before = await connection.stat(path);
    if (before?.owner !== undefined) await removeNode(key)(connection);
    const names = path.split("/");
    for (let depth = 2; depth <= names.length; depth += 1) {
      await connection.createFolder(names.slice(0, depth).join("/")).catch(ifThere);
    }
    await connection.setData(path, Buffer.from(value), -1);
  };
}

export function removeNode(key: string): Work<void> {
  return async (connection) => {
    await connection.remove(pathOf("", key), -1).catch(ifNoNode);
  };
}

function ifThere(error: unknown): undefined {
  if (codeOf(error) !== Exception.NODE_EXISTS) throw error;
}
