import type { KeyspaceConfig } from "../keyspace/schema.ts";
import { formatAddress } from "../model/endpoint.ts";
import type { OwnHost } from "../view/trust/own-host.ts";
import type { Plan } from "./plan.ts";

/** How the entries of this host are known, and which keyspaces it shares with others. */
export function ownHostOf(
  { keyspace, mounts = {}, presence }: Pick<Plan, "keyspace" | "mounts" | "presence">,
  hostName: string,
): OwnHost {
  const keys = (presence?.services ?? []).map(({ path, name, id, host, port }) => {
    const folder = path ?? `${presence?.prefix}/${name}`;
    return `${folder}/${id ?? formatAddress({ host, port })}`;
  });
  const mounted = Object.entries(mounts).map(([folder, one]) => [folder, isShared(one)]);
  const folders = { "": isShared(keyspace), ...Object.fromEntries(mounted) };
  return { name: presence?.name ?? hostName, keys, folders };
}

function isShared({ location }: KeyspaceConfig): boolean {
  return !["file", "memory", "none", "env", "yaml"].includes(location.kind);
}
