import type { Entry } from "../../model/entry.ts";
import type { Paths } from "./changed-paths.ts";
import type { Connection, WatchMode } from "./connection.ts";
import { ifNoNode } from "./errors.ts";
import type { Node } from "./node.ts";
import { isSystem, keyOf } from "./path.ts";

/** The nodes below some folders, watched and read over one connection. */
export interface Tree {
  /** Reads all nodes. Later changes are passed to the connection's `onChange`. */
  list(signal: AbortSignal): Promise<ReadEntries>;
  /** Reads the changed nodes. */
  reread(changed: Paths, signal: AbortSignal): Promise<ReadEntries>;
}

/** The entry of each key that was read; undefined for a key without an entry. */
export type ReadEntries = ReadonlyMap<string, Entry | undefined>;

/**
 * An ephemeral node is an entry, whatever its data. A persistent node with data is an entry as well; without data it is
 * a folder, like the ones that are created above an entry.
 */
export function entryOf(chroot: string, path: string, node: Node | undefined): Entry | undefined {
  if (!node || (node.owner === undefined && node.value === "")) return undefined;
  const entry = { key: keyOf(chroot, path), value: node.value, revision: node.revision };
  return node.owner === undefined ? entry : { ...entry, owner: String(node.owner) };
}

/** The paths of a node's children; empty if it does not exist. */
export async function pathsBelow(
  connection: Connection,
  path: string,
  watchMode: WatchMode,
): Promise<readonly string[]> {
  const names = (await connection.children(path, watchMode).catch(ifNoNode)) ?? [];
  const folder = path === "/" ? "" : path;
  return names.map((name) => `${folder}/${name}`).filter((below) => !isSystem(below));
}
