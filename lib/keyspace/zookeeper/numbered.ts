import type { PutRules } from "../contract.ts";
import { assertReplaceable } from "../replaceable.ts";
import type { Connection } from "./connection.ts";
import { ifNoNode, isNoNode } from "./errors.ts";
import { keyOf, pathOf } from "./path.ts";
import { Predecessors } from "./predecessors.ts";
import {
  createParents,
  type EntryWriter,
  isConcurrentChange,
  type Written,
  writeValue,
} from "./put.ts";

/**
 * Writes each entry as a sequential node: ZooKeeper appends `_` and a number to its name, as Nerve has it. The node
 * of another agent for the same key is another instance, so there are no conflicts; one with the same value is the same
 * instance, and is replaced as `assertReplaceable` allows. Keeps the paths of the session's nodes.
 */
export class NumberedNodes implements EntryWriter {
  readonly #chroot: string;
  /** The path of the node by key. */
  readonly #paths = new Map<string, string>();
  /** The keys for which the answer to a create was lost: the node may exist or not. */
  readonly #uncertain = new Set<string>();
  readonly #predecessors = new Predecessors();

  constructor(chroot: string) {
    this.#chroot = chroot;
  }

  async put(
    connection: Connection,
    { key, value, rules = {} }: Written,
    signal: AbortSignal,
  ): Promise<string> {
    const path = await writeValue(key, value, async (data) => {
      const existing = await this.#findPath(connection, key, signal);
      if (existing && (await setIfExists(connection, existing, data))) return existing;
      signal.throwIfAborted();
      return await this.#create(connection, { key, rules, data }, signal);
    });
    return keyOf(this.#chroot, path);
  }

  async remove(connection: Connection, key: string, signal: AbortSignal): Promise<void> {
    const path = await this.#findPath(connection, key, signal);
    signal.throwIfAborted();
    if (path) await connection.remove(path, -1).catch(ifNoNode);
    this.#paths.delete(key);
  }

  async #create(
    connection: Connection,
    { key, rules, data }: NumberedEntry,
    signal: AbortSignal,
  ): Promise<string> {
    const prefix = `${pathOf(this.#chroot, key)}_`;
    const value = data.toString();
    for (;;) {
      const replaced = await this.#predecessors.withValue(connection, prefix, value);
      signal.throwIfAborted();
      for (const { path, owner } of replaced) {
        const held = { storeKey: keyOf(this.#chroot, path), value, owner: String(owner) };
        assertReplaceable(key, value, held, rules);
      }
      this.#uncertain.add(key);
      try {
        const path = await connection.createNumbered(prefix, data, replaced);
        this.#paths.set(key, path);
        this.#uncertain.delete(key);
        return path;
      } catch (error) {
        signal.throwIfAborted();
        if (replaced.length > 0 && isConcurrentChange(error)) continue;
        if (!isNoNode(error)) throw error;
        await createParents(connection, prefix);
      }
    }
  }

  /** The path of a key's node. After a lost answer, searches the session's nodes, and removes all but one of them. */
  async #findPath(
    connection: Connection,
    key: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (!this.#uncertain.has(key)) return this.#paths.get(key);
    const [path, ...more] = await ownNodes(connection, `${pathOf(this.#chroot, key)}_`);
    signal.throwIfAborted();
    for (const other of more) await connection.remove(other, -1).catch(ifNoNode);
    if (path) this.#paths.set(key, path);
    else this.#paths.delete(key);
    this.#uncertain.delete(key);
    return path;
  }
}

interface NumberedEntry {
  readonly key: string;
  readonly rules: PutRules;
  readonly data: Buffer;
}

/** Writes to an existing node; false if it does not exist. */
async function setIfExists(connection: Connection, path: string, value: Buffer): Promise<boolean> {
  try {
    await connection.setData(path, value, -1);
    return true;
  } catch (error) {
    if (!isNoNode(error)) throw error;
    return false;
  }
}

/** The paths of the session's nodes that consist of the prefix and a number. */
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
