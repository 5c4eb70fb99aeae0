import { isReadOnly } from "../keyspace/url.ts";
import type { Problem } from "./located/problem.ts";
import { nodeAt, type ObjectNode, plainValue } from "./located/tree.ts";

/** Why watchers cannot take turns: they queue by the entries of sessions, in an order that the keyspace has for all machines. */
export function turnsProblems(root: ObjectNode): readonly Problem[] {
  const node = nodeAt(root, ["watch", "together"]);
  if (!node) return [];
  const { position } = node;
  const acknowledge = nodeAt(root, ["watch", "acknowledge"]);
  const url = urlOf(root);
  return [
    ...(acknowledge && plainValue(acknowledge) === false
      ? [
          {
            position,
            message:
              "watch.together needs the entry of the watcher, by which the others of the group know it: remove acknowledge: false",
          },
        ]
      : []),
    ...(!ordersEntries(url)
      ? [
          {
            position,
            message: `watchers cannot take turns in the keyspace ${url}: expected etcd, ZooKeeper or Consul, in which all of them write in one order`,
          },
        ]
      : []),
  ];
}

/** The keyspace of a configuration without one. */
const defaultUrl = "file:./keyspace";

function urlOf(root: ObjectNode): string {
  const node = nodeAt(root, ["keyspace", "url"]) ?? nodeAt(root, ["keyspace"]);
  const url = node && plainValue(node);
  return typeof url === "string" ? url : defaultUrl;
}

/** Not a directory, whose revisions are times of the file system, nor anything that is only read. */
function ordersEntries(url: string): boolean {
  return !isReadOnly(url) && !url.startsWith("file:") && url !== "none:";
}
