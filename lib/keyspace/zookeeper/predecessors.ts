import type { Connection } from "./connection.ts";
import { ifNoNode, ifUnreadable } from "./errors.ts";
import type { NodeVersion } from "./node.ts";

/** The paths of numbered nodes, by the path without the number. */
type PathsByPrefix = Map<string, readonly string[]>;

/**
 * The numbered nodes that existed before the session first wrote in their folder. A crashed agent leaves its nodes until
 * its session expires: a node that replaces them must have the same value.
 */
export class Predecessors {
  readonly #byFolder = new Map<string, Promise<PathsByPrefix>>();

  /** The predecessors that consist of `prefix` and a number, have the value, and belong to another session. */
  async withValue(
    connection: Connection,
    prefix: string,
    value: string,
  ): Promise<readonly NodeVersion[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/"));
    const listing = this.#byFolder.get(folder) ?? list(connection, folder);
    this.#byFolder.set(folder, listing);
    const predecessors: NodeVersion[] = [];
    try {
      for (const path of (await listing).get(prefix) ?? []) {
        const node = await connection.read(path).catch(ifUnreadable);
        const isForeign = node?.owner !== undefined && node.owner !== connection.session.owner;
        if (isForeign && node.value === value) predecessors.push({ path, version: node.version });
      }
    } catch (error) {
      this.#byFolder.delete(folder);
      throw error;
    }
    return predecessors;
  }
}

async function list(connection: Connection, folder: string): Promise<PathsByPrefix> {
  const paths: PathsByPrefix = new Map();
  for (const name of (await connection.children(folder || "/").catch(ifNoNode)) ?? []) {
    const [path = "", prefix] = /^(.*_)\d+$/s.exec(`${folder}/${name}`) ?? [];
    if (prefix) paths.set(prefix, [...(paths.get(prefix) ?? []), path]);
  }
  return paths;
}
