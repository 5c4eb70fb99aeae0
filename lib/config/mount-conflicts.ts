import { folderOf, isWithin } from "../model/entry.ts";
import { formatPosition, type Problem } from "./located/problem.ts";
import { formatPath, nodeAt, type ObjectNode } from "./located/tree.ts";

/** Keyspaces that are mounted at the same folder, and instances that would be registered below one. */
export function mountConflicts(root: ObjectNode): readonly Problem[] {
  const mounts = nodeAt(root, ["mounts"]);
  if (mounts?.kind !== "object") return [];
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [name, { keyPosition: position }] of mounts.fields) {
    const folder = folderOf(name);
    const other = seen.get(folder);
    if (other === undefined) seen.set(folder, formatPosition(position));
    else {
      const message = `${formatPath(["mounts", name])} has the same folder as the one at ${other}: ${folder}`;
      problems.push({ position, message });
    }
  }
  return [...problems, ...prefixWithin(root, [...seen.keys()])];
}

function prefixWithin(root: ObjectNode, folders: readonly string[]): readonly Problem[] {
  const presence = nodeAt(root, ["presence"]);
  const node = nodeAt(root, ["presence", "prefix"]);
  if (!presence || (node && node.kind !== "scalar")) return [];
  const prefix = folderOf(String(node?.value ?? "/services"));
  const mount = folders.find((one) => isWithin(prefix, one));
  if (mount === undefined) return [];
  const { position } = node ?? presence;
  const message = `presence.prefix is ${prefix}, which is in the keyspace that is mounted at ${mount}: presence registers in keyspace only`;
  return [{ position, message }];
}
