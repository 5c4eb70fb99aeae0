import { isSameButStamp } from "../../model/stamp.ts";
import type { Connection } from "./connection.ts";
import { ifNoNode, ifUnreadable, isNoNode } from "./errors.ts";

/** A node that ZooKeeper numbers. */
export interface NumberedNode {
  readonly key: string;
  /** Its path without the number. */
  readonly prefix: string;
  readonly value: string;
  readonly isPersistent: boolean;
}

/** Whether a path is the prefix and a number. */
export function isNumbered(prefix: string, path: string): boolean {
  return path.startsWith(prefix) && /^\d+$/.test(path.slice(prefix.length));
}

/** Writes to an existing node; false if it does not exist. */
export async function setIfExists(
  connection: Connection,
  path: string,
  value: Buffer,
): Promise<boolean> {
  try {
    await connection.setData(path, value, -1);
    return true;
  } catch (error) {
    if (!isNoNode(error)) throw error;
    return false;
  }
}

/** The paths of the nodes of this session, or of none, with the same name and value. Those of `others` are other entries. */
export async function nodesLike(
  connection: Connection,
  { prefix, value, isPersistent }: NumberedNode,
  others: ReadonlySet<string>,
): Promise<readonly string[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf("/"));
  const names = (await connection.children(folder || "/").catch(ifNoNode)) ?? [];
  const paths = names.map((name) => `${folder}/${name}`);
  const owner = isPersistent ? undefined : connection.session.owner;
  const alike: string[] = [];
  for (const path of paths) {
    if (!isNumbered(prefix, path) || others.has(path)) continue;
    const found = await connection.read(path).catch(ifUnreadable);
    if (found && found.owner === owner && isSameButStamp(found.value, value)) alike.push(path);
  }
  return alike;
}
