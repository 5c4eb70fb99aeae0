import { Exception } from "node-zookeeper-client";
import { faults as stageFaults } from "../faults.ts";
import type { Connection } from "./connection.ts";
import { codeOf, ifNoNode } from "./errors.ts";
import { faults } from "./faults.ts";
import { pathOf } from "./path.ts";

/** ZooKeeper ends a connection that sends more than 1 MiB at once. */
const longest = 1_000_000;

/** How a session's entries are written and removed; `signal` only ends the steps that are yet to be made. */
export interface Writing {
  /** Resolves with the key that the entry is shown at. */
  put(
    connection: Connection,
    entry: { readonly key: string; readonly value: string },
    signal: AbortSignal,
  ): Promise<string>;
  /** Removes an entry unless it is somebody else's by now. */
  remove(connection: Connection, key: string, signal: AbortSignal): Promise<void>;
}

/** Each entry is the node that its key names. */
export function namedNodes(chroot: string): Writing {
  return {
    put: async (connection, { key, value }, signal) => {
      await write(key, value, async (data) => await put(connection, chroot, key, data, signal));
      return key;
    },
    remove: async (connection, key, signal) => await remove(connection, chroot, key, signal),
  };
}

/** Has the value of a key written, and says what a key cannot be. */
export async function write<T>(
  key: string,
  text: string,
  make: (value: Buffer) => Promise<T>,
): Promise<T> {
  const value = Buffer.from(text);
  if (value.length > longest) {
    throw faults.KEYSPACE_ZOOKEEPER_KEY_INVALID({
      key,
      why: `its value has more than ${longest} bytes`,
    });
  }
  try {
    return await make(value);
  } catch (error) {
    const code = codeOf(error);
    const conflict = code === Exception.NOT_EMPTY || code === Exception.NO_CHILDREN_FOR_EPHEMERALS;
    throw conflict ? faults.KEYSPACE_ZOOKEEPER_CONFLICT({ key }, error) : error;
  }
}

/**
 * Writes an entry that lives as long as the connection's session: a new node, or our own once more, or one in
 * the place of another, whose end no longer touches it. Tries again where others were quicker.
 */
async function put(
  connection: Connection,
  chroot: string,
  key: string,
  value: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf(chroot, key);
  for (;;) {
    try {
      if (await create(connection, path, value, signal)) return;
    } catch (error) {
      if (codeOf(error) !== Exception.NODE_EXISTS) throw error;
      signal.throwIfAborted();
      if (await overwrite(connection, key, path, value, signal)) return;
    }
    signal.throwIfAborted();
  }
}

/** What says that somebody changed the node between two of our steps. */
const overtaken: ReadonlySet<number | undefined> = new Set([
  Exception.NO_NODE,
  Exception.NODE_EXISTS,
  Exception.BAD_VERSION,
]);

export const isOvertaken = (error: unknown): boolean => overtaken.has(codeOf(error));

/** Makes a node; false where the folders above it had to be made first. */
async function create(
  connection: Connection,
  path: string,
  value: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await connection.create(path, value);
    return true;
  } catch (error) {
    // A write that was given up must not go on: what was to be written since then would be lost.
    signal.throwIfAborted();
    if (codeOf(error) !== Exception.NO_NODE) throw error;
    await createParents(connection, path);
    return false;
  }
}

/** Writes to a node that is there; false where somebody changed it meanwhile. */
async function overwrite(
  connection: Connection,
  key: string,
  path: string,
  value: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await connection.read(path).catch(ifNoNode);
  signal.throwIfAborted();
  if (!found) return false;
  const isOurs = found.owner === connection.session.owner;
  if (!isOurs && found.owner !== undefined && found.value !== value.toString()) {
    throw stageFaults.KEYSPACE_KEY_CONFLICT({ key, value: found.value });
  }
  try {
    if (isOurs) await connection.setData(path, value, found.version);
    else await connection.replace(path, value, found.version);
    return true;
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    return false;
  }
}

/** Makes the folders above a node, as far as they are missing. */
export async function createParents(connection: Connection, path: string): Promise<void> {
  const names = path.split("/").slice(1, -1);
  for (let depth = 1; depth <= names.length; depth += 1) {
    const folder = `/${names.slice(0, depth).join("/")}`;
    try {
      await connection.createFolder(folder);
    } catch (error) {
      // A user who may not create the folders further up may still create those below them.
      const code = codeOf(error);
      if (code === Exception.NODE_EXISTS) continue;
      if (code !== Exception.NO_AUTH || !(await connection.stat(folder))) throw error;
    }
  }
}

async function remove(
  connection: Connection,
  chroot: string,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf(chroot, key);
  for (;;) {
    const found = await connection.stat(path);
    signal.throwIfAborted();
    if (found?.owner !== connection.session.owner) return;
    try {
      return await connection.remove(path, found.version).catch(ifNoNode);
    } catch (error) {
      if (codeOf(error) !== Exception.BAD_VERSION) throw error;
    }
  }
}
