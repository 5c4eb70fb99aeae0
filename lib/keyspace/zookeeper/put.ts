import { Exception } from "node-zookeeper-client";
import type { PutRules } from "../contract.ts";
import { replacement } from "../replaceable.ts";
import type { Connection } from "./connection.ts";
import { codeOf, ifNoNode } from "./errors.ts";
import { faults } from "./faults.ts";
import { pathOf } from "./path.ts";

/** ZooKeeper closes a connection on a request of more than 1 MiB. */
const maxValueBytes = 1_000_000;

/** An entry to write. */
export interface Written {
  readonly key: string;
  readonly value: string;
  readonly rules?: PutRules;
}

/** Writes and removes the entries of a session. `signal` is checked between requests; it does not abort one in flight. */
export interface EntryWriter {
  /** Resolves with the key of the entry in ZooKeeper. */
  put(connection: Connection, entry: Written, signal: AbortSignal): Promise<string>;
  /** Removes an entry if it still belongs to the session, or is persistent and was put by it. */
  remove(connection: Connection, key: string, signal: AbortSignal): Promise<void>;
  /** Removes the persistent entries that were put, before the session ends. */
  removePersistent(connection: Connection): Promise<void>;
}

/** Writes each entry as the node with the path of its key. */
export function namedNodes(chroot: string): EntryWriter {
  return {
    put: async (connection, entry, signal) => {
      const { key, value } = entry;
      const node = { ...entry, path: pathOf(chroot, key) };
      await writeValue(key, value, async (data) => await put(connection, node, data, signal));
      return key;
    },
    remove: async (connection, key, signal) =>
      await remove(connection, { path: pathOf(chroot, key) }, signal),
    removePersistent: async () => {},
  };
}

/**
 * Calls `work` with the encoded value. Throws KEYSPACE_ZOOKEEPER_KEY_INVALID if the value is too long, and
 * KEYSPACE_ZOOKEEPER_CONFLICT if the key would have to be both a node and a folder.
 */
export async function writeValue<T>(
  key: string,
  text: string,
  work: (value: Buffer) => Promise<T>,
): Promise<T> {
  const value = Buffer.from(text);
  if (value.length > maxValueBytes) {
    throw faults.KEYSPACE_ZOOKEEPER_KEY_INVALID({
      key,
      why: `its value has more than ${maxValueBytes} bytes`,
    });
  }
  try {
    return await work(value);
  } catch (error) {
    const code = codeOf(error);
    const isConflict =
      code === Exception.NOT_EMPTY || code === Exception.NO_CHILDREN_FOR_EPHEMERALS;
    throw isConflict ? faults.KEYSPACE_ZOOKEEPER_CONFLICT({ key }, error) : error;
  }
}

/** A node with the path of an entry. */
export interface NamedNode {
  readonly path: string;
  /** No session owns it. */
  readonly isPersistent?: boolean;
}

type WrittenNode = Pick<Written, "key" | "rules"> & NamedNode;

/**
 * Creates the node of an entry, or overwrites the one of this session, or replaces one of another session, so that
 * the end of that one does not remove it. Starts again after a concurrent change. Throws the faults of `replacement`.
 */
export async function put(
  connection: Connection,
  node: WrittenNode,
  value: Buffer,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      if (await create(connection, node, value, signal)) return;
    } catch (error) {
      if (codeOf(error) !== Exception.NODE_EXISTS) throw error;
      signal.throwIfAborted();
      if (await overwrite(connection, node, value, signal)) return;
    }
    signal.throwIfAborted();
  }
}

/** The errors after another client has changed the node between two requests. */
const concurrentChangeCodes: ReadonlySet<number | undefined> = new Set([
  Exception.NO_NODE,
  Exception.NODE_EXISTS,
  Exception.BAD_VERSION,
]);

export const isConcurrentChange = (error: unknown): boolean =>
  concurrentChangeCodes.has(codeOf(error));

/** Creates a node; false if its parents were missing and have been created first. */
async function create(
  connection: Connection,
  { path, isPersistent = false }: NamedNode,
  value: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    if (isPersistent) await connection.createPersistent(path, value);
    else await connection.create(path, value);
    return true;
  } catch (error) {
    // A write that was given up must not continue: it would overwrite a later one.
    signal.throwIfAborted();
    if (codeOf(error) !== Exception.NO_NODE) throw error;
    await createParents(connection, path);
    return false;
  }
}

/** Overwrites or replaces an existing node; false after a concurrent change. Throws the faults of `replacement`. */
async function overwrite(
  connection: Connection,
  { key, path, rules = {}, isPersistent = false }: WrittenNode,
  value: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await connection.read(path).catch(ifNoNode);
  signal.throwIfAborted();
  if (!found) return false;
  const isOfSession = found.owner === connection.session.owner;
  const held = { storeKey: key, value: found.value, owner: String(found.owner) };
  const isOfAnother = !isOfSession && found.owner !== undefined;
  const data = isOfAnother ? Buffer.from(replacement(key, value.toString(), held, rules)) : value;
  try {
    const isAsDesired = isPersistent ? found.owner === undefined : isOfSession;
    if (isAsDesired) await connection.setData(path, data, found.version);
    else await connection.replace(path, data, found.version, isPersistent);
    return true;
  } catch (error) {
    if (!isConcurrentChange(error)) throw error;
    return false;
  }
}

/** Creates the missing folders above a node. */
export async function createParents(connection: Connection, path: string): Promise<void> {
  const names = path.split("/").slice(1, -1);
  for (let depth = 1; depth <= names.length; depth += 1) {
    const folder = `/${names.slice(0, depth).join("/")}`;
    try {
      await connection.createFolder(folder);
    } catch (error) {
      // A user without permission for the upper folders may still have it for the lower ones.
      const code = codeOf(error);
      if (code === Exception.NODE_EXISTS) continue;
      if (code !== Exception.NO_AUTH || !(await connection.stat(folder))) throw error;
    }
  }
}

export async function remove(
  connection: Connection,
  { path, isPersistent = false }: NamedNode,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const found = await connection.stat(path);
    signal.throwIfAborted();
    const owner = isPersistent ? undefined : connection.session.owner;
    if (!found || found.owner !== owner) return;
    try {
      return await connection.remove(path, found.version).catch(ifNoNode);
    } catch (error) {
      if (codeOf(error) !== Exception.BAD_VERSION) throw error;
    }
  }
}
