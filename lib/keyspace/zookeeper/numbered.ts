import type { Connection } from "./connection.ts";
import { ifNoNode, isNoNode } from "./errors.ts";
import { keyOf, pathOf } from "./path.ts";
import { Predecessors } from "./predecessors.ts";
import { createParents, isOvertaken, type Writing, write } from "./put.ts";

/**
 * Each entry is a node whose name ends with `_` and a number by ZooKeeper, as Nerve's are: another agent's node
 * for the same key is just another instance, unless it was there before us with the very value that we have to
 * say: an agent that has crashed left it. Knows which nodes the session has made.
 */
export class NumberedNodes implements Writing {
  readonly #chroot: string;
  /** The path of each key's node. */
  readonly #made = new Map<string, string>();
  /** The keys of which it is not known whether there is a node: the answer was lost. */
  readonly #doubtful = new Set<string>();
  readonly #predecessors = new Predecessors();

  constructor(chroot: string) {
    this.#chroot = chroot;
  }

  async put(
    connection: Connection,
    { key, value }: { readonly key: string; readonly value: string },
    signal: AbortSignal,
  ): Promise<string> {
    const path = await write(key, value, async (data) => {
      const known = await this.#known(connection, key, signal);
      if (known && (await isSet(connection, known, data))) return known;
      signal.throwIfAborted();
      return await this.#create(connection, key, data, signal);
    });
    return keyOf(this.#chroot, path);
  }

  async remove(connection: Connection, key: string, signal: AbortSignal): Promise<void> {
    const path = await this.#known(connection, key, signal);
    signal.throwIfAborted();
    if (path) await connection.remove(path, -1).catch(ifNoNode);
    this.#made.delete(key);
  }

  async #create(
    connection: Connection,
    key: string,
    value: Buffer,
    signal: AbortSignal,
  ): Promise<string> {
    const prefix = `${pathOf(this.#chroot, key)}_`;
    for (;;) {
      const left = await this.#predecessors.saying(connection, prefix, value.toString());
      signal.throwIfAborted();
      this.#doubtful.add(key);
      try {
        const path = await connection.createNumbered(prefix, value, left);
        this.#made.set(key, path);
        this.#doubtful.delete(key);
        return path;
      } catch (error) {
        signal.throwIfAborted();
        if (left.length > 0 && isOvertaken(error)) continue;
        if (!isNoNode(error)) throw error;
        await createParents(connection, prefix);
      }
    }
  }

  /** The node of a key. Where an answer was lost, the session's nodes tell; of two, one is removed. */
  async #known(
    connection: Connection,
    key: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (!this.#doubtful.has(key)) return this.#made.get(key);
    const [path, ...more] = await ownNodes(connection, `${pathOf(this.#chroot, key)}_`);
    signal.throwIfAborted();
    for (const other of more) await connection.remove(other, -1).catch(ifNoNode);
    if (path) this.#made.set(key, path);
    else this.#made.delete(key);
    this.#doubtful.delete(key);
    return path;
  }
}

/** Writes to a node; false where it is gone. */
async function isSet(connection: Connection, path: string, value: Buffer): Promise<boolean> {
  try {
    await connection.setData(path, value, -1);
    return true;
  } catch (error) {
    if (!isNoNode(error)) throw error;
    return false;
  }
}

/** The paths of the session's own nodes that are the prefix and a number. */
async function ownNodes(connection: Connection, prefix: string): Promise<readonly string[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf("/"));
  const names = (await connection.children(folder || "/").catch(ifNoNode)) ?? [];
  const paths = names.map((name) => `${folder}/${name}`);
  const own: string[] = [];
  for (const path of paths) {
    if (!path.startsWith(prefix) || !/^\d+$/.test(path.slice(prefix.length))) continue;
    const found = await connection.stat(path);
    if (found?.owner === connection.session.owner) own.push(path);
  }
  return own;
}
