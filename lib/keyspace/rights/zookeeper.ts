import { folderAbove } from "../../model/entry.ts";
import type { RightsUser } from "./etcd.ts";
import type { FolderRight } from "./rights.ts";

/** The user that may change the ACLs, and the permissions that every client has. */
const [administrator, everyClient] = ["auth:admin:cdrwa", "world:anyone:"];

/**
 * The shell commands that give a user of ZooKeeper these rights. ACLs are not inherited: a folder's decides about creating and
 * removing nodes in it, and each node has the ACL of the agent that created it. They may be run again.
 */
export function zookeeperCommands(
  rights: readonly FolderRight[],
  { name, passwordFile }: RightsUser,
): readonly string[] {
  // The last command decides about the exit code, and creating a folder that is there fails.
  const readFirst = rights.toSorted((a, b) => a.may.length - b.may.length);
  const parents = new Set(rights.flatMap(({ folder }) => foldersAbove(folder)));
  const lines = [
    ...[...parents].flatMap((folder) => bothOf(folder, `${administrator},${everyClient}r`)),
    ...readFirst.flatMap((right) => linesFor(right, name)),
  ];
  return [
    "# ZooKeeper: the user admin, with its password in admin.password, keeps the right to change the ACLs",
    `DIGEST=$(printf '%s' "${name}:$(head -n 1 ${passwordFile})" | openssl dgst -sha1 -binary | base64)`,
    'zkCli.sh -waitforconnection -server "$' + '{ZOOKEEPER:-127.0.0.1:2181}" <<EOF',
    "addauth digest admin:$(head -n 1 admin.password)",
    ...lines,
    "EOF",
  ];
}

function linesFor(right: FolderRight, name: string): readonly string[] {
  const { folder, may, isCommon, removes } = right;
  // It belongs to another user, whose commands set its ACL.
  if (may === "read") return [created(folder, `${administrator},${everyClient}r`)];
  const permissions = removes ? "cdr" : "cr";
  const writers = isCommon
    ? `${everyClient}${permissions}`
    : `digest:${name}:$DIGEST:${permissions},${everyClient}r`;
  return bothOf(folder, `${administrator},${writers}`);
}

/** The folder may be there already, with the ACL of an agent that created it. */
function bothOf(folder: string, acl: string): readonly string[] {
  return [created(folder, acl), `setAcl ${folder} ${acl}`];
}

/** Without data: a node with data would be an entry. */
function created(folder: string, acl: string): string {
  return `create ${folder} "" ${acl}`;
}

/** The outermost first. */
function foldersAbove(folder: string): readonly string[] {
  const above = folderAbove(folder);
  return above === "" ? [] : [...foldersAbove(above), above];
}
