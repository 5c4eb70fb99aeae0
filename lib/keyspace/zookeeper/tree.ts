import type { Entry } from "../../model/entry.ts";
import type { Quarantined } from "../../model/pool.ts";
import { faults } from "../faults.ts";
import type { Paths } from "./changed-paths.ts";
import type { Connection, WatchMode } from "./connection.ts";
import { ifNoNode, isPermissionDenied } from "./errors.ts";
import type { Node } from "./node.ts";
import { isSystem, keyOf } from "./path.ts";

/** The nodes below some folders, watched and read over one connection. */
export interface Tree {
  /** Reads all nodes. Later changes are passed to the connection's `onChange`. */
  list(signal: AbortSignal): Promise<ReadEntries>;
  /** Reads the changed nodes, and what is below those that could not be read before. */
  reread(changed: Paths, signal: AbortSignal): Promise<ReadEntries>;
  /** The paths of the nodes that this user may not read. */
  readonly denied: ReadonlySet<string>;
}

/** Each key that was read: its entry, or the reason why that cannot be read; undefined for a key without an entry. */
export type ReadEntries = ReadonlyMap<string, Entry | Quarantined | undefined>;

/** The folders to read, as paths of nodes, and the connection for it. */
export interface TreeSource {
  readonly connection: Connection;
  /** For display. */
  readonly url: string;
  readonly chroot: string;
  readonly folders: readonly string[];
}

/**
 * Reads nodes as entries. A node that this user may not read is quarantined alone; only a folder that is asked for by
 * its name has to be readable, since without it all entries would seem to be gone.
 */
export class NodeReader {
  readonly denied = new Set<string>();
  readonly #source: TreeSource;

  constructor(source: TreeSource) {
    this.#source = source;
  }

  /**
   * Reads a node into `entries`, and returns it if it exists and can be read. Throws KEYSPACE_PERMISSION_DENIED for a
   * folder of the source.
   */
  async read(
    path: string,
    watchMode: WatchMode,
    entries: Map<string, Entry | Quarantined | undefined>,
  ): Promise<Node | undefined> {
    const { connection, chroot } = this.#source;
    const key = keyOf(chroot, path);
    try {
      const node = await connection.read(path, watchMode);
      this.denied.delete(path);
      entries.set(key, entryOf(key, node));
      return node;
    } catch (error) {
      if (isPermissionDenied(error))
        entries.set(key, await this.#deny(path, key, watchMode, error));
      else {
        ifNoNode(error);
        this.denied.delete(path);
        entries.set(key, undefined);
      }
      return undefined;
    }
  }

  /** A node that cannot be read shows all but its data and the names of its children. */
  async #deny(
    path: string,
    key: string,
    watchMode: WatchMode,
    cause: unknown,
  ): Promise<Quarantined | undefined> {
    const { connection, url, folders } = this.#source;
    if (folders.includes(path)) {
      const denial = { url, what: `read ${key || "/"}`, reason: "permission denied" } as const;
      throw faults.KEYSPACE_PERMISSION_DENIED(denial, cause);
    }
    const stat = await connection.stat(path, watchMode);
    if (!stat) this.denied.delete(path);
    else this.denied.add(path);
    if (!stat) return undefined;
    const { revision, children } = stat;
    const below = children > 0 ? "; neither can the keys below it" : "";
    return { key, revision, why: `permission denied by the ACL of its node${below}` };
  }

  /**
   * The paths of a node's children; empty if it does not exist. Has the same permission as reading the node, so a
   * failure means that the ACL has just changed: the next listing finds that.
   */
  async below(path: string, watchMode: WatchMode): Promise<readonly string[]> {
    const { connection } = this.#source;
    const names = (await connection.children(path, watchMode).catch(ifNoNode)) ?? [];
    const folder = path === "/" ? "" : path;
    return names.map((name) => `${folder}/${name}`).filter((below) => !isSystem(below));
  }
}

/**
 * An ephemeral node is an entry, whatever its data. A persistent node with data is an entry as well; without data it is
 * a folder, like the ones that are created above an entry.
 */
function entryOf(key: string, { value, revision, owner }: Node): Entry | undefined {
  if (owner === undefined) return value === "" ? undefined : { key, value, revision };
  return { key, value, revision, owner: String(owner) };
}
