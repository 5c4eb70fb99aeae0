import type { Entry } from "../../model/entry.ts";
import type { Connection, Node, Watching } from "./connection.ts";
import { ifNoNode } from "./errors.ts";
import { isSystem, keyOf } from "./path.ts";
import type { Paths } from "./touched.ts";

/** The nodes below some folders, watched and read over one connection. */
export interface Tree {
  /** Everything. What changes after it was read is told to the connection's `onChange`. */
  list(signal: AbortSignal): Promise<FoundNode>;
  /** What has become of what was touched. */
  reread(touched: Paths, signal: AbortSignal): Promise<FoundNode>;
}

/** The entry of each key that was looked at; undefined where there is none. */
export type FoundNode = ReadonlyMap<string, Entry | undefined>;

/**
 * A node that ends with a session is an entry whatever its data is; one that stays is an entry if it has
 * data, and else a folder, as those are that are made above an entry.
 */
export function entryOf(chroot: string, path: string, node: Node | undefined): Entry | undefined {
  if (!node || (node.owner === undefined && node.value === "")) return undefined;
  return { key: keyOf(chroot, path), value: node.value, revision: node.revision };
}

/** The nodes right below one; none where it is gone. */
export async function pathsBelow(
  connection: Connection,
  path: string,
  watching: Watching,
): Promise<readonly string[]> {
  const names = (await connection.children(path, watching).catch(ifNoNode)) ?? [];
  const folder = path === "/" ? "" : path;
  return names.map((name) => `${folder}/${name}`).filter((below) => !isSystem(below));
}
