import { loadConfig } from "../lib/config/load.ts";
import type { KeyspacesConfig } from "../lib/keyspace/mounts/open.ts";
import { keyspaceSchema } from "../lib/keyspace/schema.ts";
import { faults } from "./faults.ts";
import type { World } from "./world.ts";

/** A keyspace, and the login and TLS files for it. */
export interface KeyspaceOptions {
  /** The keyspace of this configuration, if there is no URL. */
  readonly files?: readonly string[] | undefined;
  readonly url?: string | undefined;
  /** Read it at this earlier revision. */
  readonly at?: string | undefined;
  readonly access: {
    readonly user?: string;
    readonly passwordFile?: string;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
  };
}

/** The keyspaces that options name. Throws CLI_KEYSPACE_INVALID if the URL is invalid or an option does not fit it. */
export async function keyspacesOf(
  { files, url, access }: KeyspaceOptions,
  world: World,
): Promise<KeyspacesConfig> {
  if (files && files.length > 0) return await loadConfig(files, world);
  const config = keyspaceSchema.safeParse({ url, ...access });
  if (config.success) return { keyspace: config.data };
  const [issue] = config.error.issues;
  throw faults.CLI_KEYSPACE_INVALID({
    problem: issue?.message ?? "the URL of the keyspace is invalid",
  });
}
