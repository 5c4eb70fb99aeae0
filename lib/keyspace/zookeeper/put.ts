import { Exception } from "node-zookeeper-client";
import type { Connection } from "./connection.ts";
import { faults } from "./faults.ts";
import { pathOf } from "./path.ts";
import { codeOf, ifNoNode } from "./trouble.ts";

/** ZooKeeper ends a connection that sends more than 1 MiB at once. */
const longest = 1_000_000;

/**
 * Writes an entry that lives as long as the connection's session: a new node, or our own once more, or one in
 * the place of somebody else's, whose end no longer touches it. Tries again where others were quicker.
 */
export async function put(
  connection: Connection,
  chroot: string,
  key: string,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const [path, value] = [pathOf(chroot, key), Buffer.from(text)];
  if (value.length > longest) {
    throw faults.KEYSPACE_ZOOKEEPER_KEY({ key, why: `its value has more than ${longest} bytes` });
  }
  try {
    while (!(await attempt(connection, path, value, signal))) signal.throwIfAborted();
  } catch (error) {
    const code = codeOf(error);
    const conflict = code === Exception.NOT_EMPTY || code === Exception.NO_CHILDREN_FOR_EPHEMERALS;
    throw conflict ? faults.KEYSPACE_ZOOKEEPER_CONFLICT({ key }, error) : error;
  }
}

/** Writes a node; false where somebody changed it, or what is above it, between two of the steps. */
async function attempt(
  connection: Connection,
  path: string,
  value: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await create(connection, path, value, signal);
  } catch (error) {
    if (!overtaken.has(codeOf(error))) throw error;
    return false;
  }
}

/** What says that somebody changed the node between two of our steps. */
const overtaken: ReadonlySet<number | undefined> = new Set([
  Exception.NO_NODE,
  Exception.NODE_EXISTS,
  Exception.BAD_VERSION,
]);

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
    if (codeOf(error) === Exception.NODE_EXISTS) {
      return await overwrite(connection, path, value, signal);
    }
    if (codeOf(error) !== Exception.NO_NODE) throw error;
    await createParents(connection, path);
    return false;
  }
}

async function overwrite(
  connection: Connection,
  path: string,
  value: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await connection.stat(path);
  signal.throwIfAborted();
  if (!found) return false;
  const ours = found.owner === connection.session.owner;
  if (ours) await connection.setData(path, value, found.version);
  else await connection.replace(path, value);
  return true;
}

/** Makes the folders above a node, as far as they are missing. */
async function createParents(connection: Connection, path: string): Promise<void> {
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

/** Removes an entry unless it is somebody else's by now. */
export async function remove(
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
