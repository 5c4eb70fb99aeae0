import type { KeyspaceConfig } from "../keyspace/schema.ts";
import { formatAddress } from "../model/endpoint.ts";
import { folderOf } from "../model/entry.ts";
import type { TrustRules } from "../view/trust/contract.ts";
import type { OwnHost } from "../view/trust/own-host.ts";
import type { Config } from "./schema.ts";

type TrustConfig = NonNullable<NonNullable<Config["watch"]>["trust"]>;

/** Settings that are left out are absent. */
export function trustOf({ services, otherwise }: TrustConfig): TrustRules {
  const rules = Object.entries(services).map(([name, { hosts, ports, names }]) => [
    name,
    { ...(hosts && { hosts }), ...(ports && { ports }), ...(names && { names }) },
  ]);
  return { services: Object.fromEntries(rules), otherwise };
}

/** How the entries of this host are known, and which keyspaces it shares with others. */
export function ownHostOf(
  { keyspace, mounts = {}, presence }: Pick<Config, "keyspace" | "mounts" | "presence">,
  hostName: string,
): OwnHost {
  const mounted = Object.entries(mounts).map(([at, one]) => [folderOf(at), isShared(one)]);
  const keys = (presence?.services ?? []).map(({ path, name, id, host, port }) => {
    const folder = folderOf(path ?? `${folderOf(presence?.prefix ?? "")}/${name}`);
    return `${folder}/${id ?? formatAddress({ host, port })}`;
  });
  const folders = { "": isShared(keyspace), ...Object.fromEntries(mounted) };
  return { name: presence?.name ?? hostName, keys, folders };
}

function isShared({ location }: KeyspaceConfig): boolean {
  return !["file", "memory", "none", "env", "yaml"].includes(location.kind);
}
