import { type KeyspaceDeps, openKeyspace } from "../kinds.ts";
import type { KeyspaceConfig } from "../schema.ts";
import { Mounts } from "./mounts.ts";

/** The keyspaces of a configuration. */
export interface KeyspacesConfig {
  readonly keyspace: KeyspaceConfig;
  /** By folder. */
  readonly mounts?: Readonly<Record<string, KeyspaceConfig>>;
}

/** Creates the keyspaces of a configuration. Each of them connects on first use. */
export async function openMounts(
  { keyspace, mounts = {} }: KeyspacesConfig,
  deps: KeyspaceDeps,
): Promise<Mounts> {
  const root = await openKeyspace(keyspace, deps);
  const mounted = Object.entries(mounts).map(
    async ([folder, config]) => [folder, await openKeyspace(config, deps)] as const,
  );
  return new Mounts(root, new Map(await Promise.all(mounted)));
}
