import type { FolderRight } from "./rights.ts";

/** A user of a store, and where its password is. */
export interface RightsUser {
  readonly name: string;
  /** A file with the password in its first line. */
  readonly passwordFile: string;
  /** The name of its role. */
  readonly role: string;
}

/** The shell commands that give a user of etcd these rights. They may be run again. */
export function etcdCommands(
  rights: readonly FolderRight[],
  { name, role, passwordFile }: RightsUser,
): readonly string[] {
  const grants = rights.map(
    ({ folder, may }) =>
      `etcdctl role grant-permission ${role} ${may} ${folder}/ --prefix=true >/dev/null`,
  );
  return [
    "# etcd: as root, with ETCDCTL_ENDPOINTS, and ETCDCTL_USER=root:… once authentication is enabled (etcdctl auth enable)",
    "export ETCDCTL_API=3",
    `etcdctl role get ${role} >/dev/null 2>&1 || etcdctl role add ${role}`,
    ...grants,
    "# with client certificates, the user is their CN: etcdctl user add --no-password",
    `etcdctl user get ${name} >/dev/null 2>&1 || head -n 1 ${passwordFile} | etcdctl user add ${name} --interactive=false`,
    `etcdctl user grant-role ${name} ${role}`,
  ];
}
