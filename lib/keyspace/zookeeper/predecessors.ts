import type { At, Connection } from "./connection.ts";
import { ifNoNode } from "./errors.ts";

/** The paths of numbered nodes, by that path without the number. */
type Numbered = Map<string, readonly string[]>;

/**
 * The numbered nodes that were there before a session wrote anything in their folder. An agent that has crashed
 * leaves its nodes for the time to live: the next one replaces those that say the very same.
 */
export class Predecessors {
  /** By folder. */
  readonly #found = new Map<string, Promise<Numbered>>();

  /** Those that are `prefix` and a number, say `value`, and end with another session. */
  async saying(connection: Connection, prefix: string, value: string): Promise<readonly At[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/"));
    const found = this.#found.get(folder) ?? list(connection, folder);
    this.#found.set(folder, found);
    const left: At[] = [];
    try {
      for (const path of (await found).get(prefix) ?? []) {
        const node = await connection.read(path).catch(ifNoNode);
        const isTheirs = node?.owner !== undefined && node.owner !== connection.session.owner;
        if (isTheirs && node.value === value) left.push({ path, version: node.version });
      }
    } catch (error) {
      this.#found.delete(folder);
      throw error;
    }
    return left;
  }
}

async function list(connection: Connection, folder: string): Promise<Numbered> {
  const numbered: Numbered = new Map();
  for (const name of (await connection.children(folder || "/").catch(ifNoNode)) ?? []) {
    const [path = "", prefix] = /^(.*_)\d+$/s.exec(`${folder}/${name}`) ?? [];
    if (prefix) numbered.set(prefix, [...(numbered.get(prefix) ?? []), path]);
  }
  return numbered;
}
