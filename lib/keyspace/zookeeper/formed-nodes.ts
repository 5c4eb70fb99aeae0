import { never } from "../../base/signal.ts";
import { type EntryForm, storePathOf } from "../../model/entry-form.ts";
import type { Connection } from "./connection.ts";
import { NumberedNodes } from "./numbered.ts";
import { keyOf, pathOf } from "./path.ts";
import {
  type EntryWriter,
  type NamedNode,
  namedNodes,
  put,
  remove,
  type Written,
  writeValue,
} from "./put.ts";

/** Writes each entry as a node of the form that it should have: by default at its key, or numbered in a `sequential` keyspace. */
export class FormedNodes implements EntryWriter {
  readonly #plain: EntryWriter;
  readonly #numbered: NumberedNodes;
  readonly #named: NodesWithNames;
  /** The writer of each entry that was put. */
  readonly #writers = new Map<string, EntryWriter>();

  constructor(chroot: string, isSequential = false) {
    this.#numbered = new NumberedNodes(chroot);
    this.#named = new NodesWithNames(chroot);
    this.#plain = isSequential ? this.#numbered : namedNodes(chroot);
  }

  async put(connection: Connection, entry: Written, signal: AbortSignal): Promise<string> {
    const writer = this.#writerFor(entry.rules?.form);
    this.#writers.set(entry.key, writer);
    return await writer.put(connection, entry, signal);
  }

  async remove(connection: Connection, key: string, signal: AbortSignal): Promise<void> {
    const writer = this.#writers.get(key) ?? this.#plain;
    await writer.remove(connection, key, signal);
    this.#writers.delete(key);
  }

  async removePersistent(connection: Connection): Promise<void> {
    await this.#numbered.removePersistent(connection);
    await this.#named.removePersistent(connection);
  }

  #writerFor(form: EntryForm | undefined): EntryWriter {
    if (!form) return this.#plain;
    return form.isNumbered ? this.#numbered : this.#named;
  }
}

/** Writes each entry as a node with a name of its own. */
class NodesWithNames implements EntryWriter {
  readonly #chroot: string;
  /** By key. */
  readonly #nodes = new Map<string, NamedNode>();

  constructor(chroot: string) {
    this.#chroot = chroot;
  }

  /** A name that encodes the value changes with it: the node with the former name is removed afterwards. */
  async put(connection: Connection, entry: Written, signal: AbortSignal): Promise<string> {
    const { key, value, rules = {} } = entry;
    const { form = {} } = rules;
    const path = pathOf(this.#chroot, storePathOf(key, value, form));
    const node: NamedNode = { path, ...(form.isPersistent && { isPersistent: true }) };
    const former = this.#nodes.get(key);
    await writeValue(key, value, async (data) => {
      await put(connection, { ...node, key, rules }, data, signal);
      if (former && former.path !== path) await remove(connection, former, signal);
    });
    this.#nodes.set(key, node);
    return keyOf(this.#chroot, path);
  }

  async remove(connection: Connection, key: string, signal: AbortSignal): Promise<void> {
    const node = this.#nodes.get(key);
    if (node) await remove(connection, node, signal);
    this.#nodes.delete(key);
  }

  async removePersistent(connection: Connection): Promise<void> {
    for (const node of this.#nodes.values()) {
      if (node.isPersistent) await remove(connection, node, never);
    }
  }
}
