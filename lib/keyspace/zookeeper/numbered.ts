import { storePathOf } from "../../model/entry-form.ts";
import type { PutRules } from "../contract.ts";
import { replacement } from "../replaceable.ts";
import type { Connection } from "./connection.ts";
import { ifNoNode, isNoNode } from "./errors.ts";
import { isNumbered, type NumberedNode, nodesLike, setIfExists } from "./numbered-node.ts";
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
 * instance, and is replaced as `replacement` allows. Keeps the paths of the session's nodes.
 */
export class NumberedNodes implements EntryWriter {
  readonly #chroot: string;
  /** The path of the node by key. */
  readonly #paths = new Map<string, string>();
  /** The creates of which the answer was lost, by key: the node may exist or not. */
  readonly #uncertain = new Map<string, NumberedNode>();
  /** The keys of persistent nodes. */
  readonly #persistent = new Set<string>();
  readonly #predecessors = new Predecessors();

  constructor(chroot: string) {
    this.#chroot = chroot;
  }

  /** A name that encodes the value changes with it: the node with the former name is removed afterwards. */
  async put(connection: Connection, entry: Written, signal: AbortSignal): Promise<string> {
    const { key, value, rules = {} } = entry;
    const { form = {} } = rules;
    const prefix = `${pathOf(this.#chroot, storePathOf(key, value, form))}_`;
    const isPersistent = form.isPersistent ?? false;
    const path = await writeValue(key, value, async (data) => {
      const existing = await this.#findPath(connection, key, signal);
      const isSame = existing !== undefined && isNumbered(prefix, existing);
      if (isSame && (await setIfExists(connection, existing, data))) return existing;
      signal.throwIfAborted();
      const node = { key, prefix, value, isPersistent };
      const created = await this.#create(connection, node, rules, signal);
      if (existing && !isSame) await connection.remove(existing, -1).catch(ifNoNode);
      return created;
    });
    return keyOf(this.#chroot, path);
  }

  async remove(connection: Connection, key: string, signal: AbortSignal): Promise<void> {
    const path = await this.#findPath(connection, key, signal);
    signal.throwIfAborted();
    if (path) await connection.remove(path, -1).catch(ifNoNode);
    this.#paths.delete(key);
    this.#persistent.delete(key);
  }

  async removePersistent(connection: Connection): Promise<void> {
    for (const key of this.#persistent) {
      const path = this.#paths.get(key);
      if (path) await connection.remove(path, -1).catch(ifNoNode);
    }
  }

  async #create(
    connection: Connection,
    node: NumberedNode,
    rules: PutRules,
    signal: AbortSignal,
  ): Promise<string> {
    const { key, prefix, value, isPersistent } = node;
    const left = isPersistent ? await this.#findLeft(connection, node, signal) : undefined;
    if (left) return this.#know(node, left);
    for (;;) {
      const replaced = await this.#predecessors.withValue(connection, prefix, value);
      signal.throwIfAborted();
      const texts = replaced.map(({ path, owner, value: found }) => {
        const held = { storeKey: keyOf(this.#chroot, path), value: found, owner: String(owner) };
        return replacement(key, value, held, rules);
      });
      this.#uncertain.set(key, node);
      try {
        const data = Buffer.from(texts[0] ?? value);
        const path = await connection.createNumbered(prefix, data, replaced, isPersistent);
        return this.#know(node, path);
      } catch (error) {
        signal.throwIfAborted();
        if (replaced.length > 0 && isConcurrentChange(error)) continue;
        if (!isNoNode(error)) throw error;
        await createParents(connection, prefix);
      }
    }
  }

  #know({ key, isPersistent }: NumberedNode, path: string): string {
    this.#paths.set(key, path);
    this.#uncertain.delete(key);
    if (isPersistent) this.#persistent.add(key);
    return path;
  }

  /** The path of a key's node. After a lost answer, searches the session's nodes, and removes all but one of them. */
  async #findPath(
    connection: Connection,
    key: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const node = this.#uncertain.get(key);
    const known = this.#paths.get(key);
    if (!node) return known;
    const path = await this.#findLeft(connection, node, signal);
    if (path) {
      if (known && known !== path) await connection.remove(known, -1).catch(ifNoNode);
      return this.#know(node, path);
    }
    this.#uncertain.delete(key);
    return known;
  }

  /** The path of a node that this session has created, or an earlier one as a persistent node; removes further ones. */
  async #findLeft(
    connection: Connection,
    node: NumberedNode,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const others = [...this.#paths].filter(([key]) => key !== node.key).map(([, path]) => path);
    const [path, ...more] = await nodesLike(connection, node, new Set(others));
    signal.throwIfAborted();
    for (const one of more) await connection.remove(one, -1).catch(ifNoNode);
    return path;
  }
}
