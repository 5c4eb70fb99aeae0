import type { PresencePlan } from "../lib/config/plan.ts";
import type { Mounts } from "../lib/keyspace/mounts/mounts.ts";
import { formatAddress } from "../lib/model/endpoint.ts";
import type { OwnHost } from "../lib/view/trust/own-host.ts";

/** Keyspaces that one host has for itself, or whose keys are written on this host. */
const ownKinds = /^(file|memory|none|env|yaml):/;

export interface OwnHostDeps {
  readonly mounts: Mounts;
  readonly hostName: string;
}

/** How the entries of this host are known, and which keyspaces it shares with others. */
export function ownHostOf(
  presence: PresencePlan | undefined,
  { mounts, hostName }: OwnHostDeps,
): OwnHost {
  const keys = (presence?.services ?? []).map(({ path, name, id, host, port }) => {
    const folder = path ?? `${presence?.prefix}/${name}`;
    return `${folder}/${id ?? formatAddress({ host, port })}`;
  });
  const folders = mounts.all.map(
    ({ folder, keyspace }) => [folder, !ownKinds.test(keyspace.url)] as const,
  );
  return { name: presence?.name ?? hostName, keys, folders: Object.fromEntries(folders) };
}
