import { isSameButStamp } from "../../model/stamp.ts";
import type { Connection } from "./connection.ts";
import { ifNoNode, ifUnreadable } from "./errors.ts";
import type { NodeVersion } from "./node.ts";

/** The paths of numbered nodes, by the path without the number. */
type PathsByPrefix = Map<string, readonly string[]>;

/** The nodes of one folder, and when they were listed, in turns. */
interface FolderListing {
  readonly turn: number;
  readonly paths: Promise<PathsByPrefix>;
}

/** A numbered node of another session. */
export interface Predecessor extends NodeVersion {
  readonly owner: bigint;
  readonly value: string;
}

/**
 * The numbered nodes of other sessions that may be the same instance. A folder is listed before the session first writes in
 * it, and again only for a name that is looked for again: many entries of one folder need one listing.
 */
export class Predecessors {
  readonly #byFolder = new Map<string, FolderListing>();
  /** When each name was last looked for. */
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;

  /** The predecessors that consist of `prefix` and a number, have the value, and belong to another session. */
  async withValue(
    connection: Connection,
    prefix: string,
    value: string,
  ): Promise<readonly Predecessor[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/"));
    const listing = this.#listing(connection, folder, this.#lastTurns.get(prefix) ?? 0);
    this.#turn += 1;
    this.#lastTurns.set(prefix, this.#turn);
    const predecessors: Predecessor[] = [];
    try {
      for (const path of (await listing.paths).get(prefix) ?? []) {
        const node = await connection.read(path).catch(ifUnreadable);
        if (node?.owner === undefined || node.owner === connection.session.owner) continue;
        const { owner, version, value: found } = node;
        if (isSameButStamp(found, value)) predecessors.push({ path, version, owner, value: found });
      }
    } catch (error) {
      this.#byFolder.delete(folder);
      throw error;
    }
    return predecessors;
  }

  /** A listing that is newer than `turn`. */
  #listing(connection: Connection, folder: string, turn: number): FolderListing {
    const known = this.#byFolder.get(folder);
    if (known && known.turn > turn) return known;
    this.#turn += 1;
    const listing = { turn: this.#turn, paths: list(connection, folder) };
    this.#byFolder.set(folder, listing);
    return listing;
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
