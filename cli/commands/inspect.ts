import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import { type KeyspaceConfig, keyspaceSchema } from "../../lib/keyspace/schema.ts";
import { folderOf } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { faults } from "../faults.ts";
import type { World } from "../world.ts";

/** A keyspace, and the login and TLS files for it. */
export interface KeyspaceOptions {
  readonly url: string;
  readonly access: {
    readonly user?: string;
    readonly passwordFile?: string;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
  };
}

/**
 * Prints the keys at and below a prefix, in order; with `long`, their values too. Entries that cannot be read are listed on
 * standard error. Throws CLI_KEYSPACE_INVALID.
 */
export async function ls(
  { prefix, long, ...options }: KeyspaceOptions & { prefix?: string; long?: boolean },
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = await read(options, folderOf(prefix ?? ""), world, signal);
  const lines = snapshot.chunks.flat().map(({ key, value }) => (long ? `${key}\t${value}` : key));
  world.out.write(lines.map((line) => `${line}\n`).join(""));
  const unreadable = snapshot.unreadable.map(({ key, why }) => `${key} cannot be read: ${why}\n`);
  world.err.write(unreadable.join(""));
}

/** Prints the value of a key. Throws CLI_KEY_NOT_FOUND, CLI_KEY_UNREADABLE and CLI_KEYSPACE_INVALID. */
export async function get(
  { key, ...options }: KeyspaceOptions & { key: string },
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = await read(options, folderOf(key), world, signal);
  const entry = snapshot.get(folderOf(key));
  const unreadable = snapshot.unreadable.find((one) => one.key === folderOf(key));
  if (unreadable) throw faults.CLI_KEY_UNREADABLE(unreadable);
  if (!entry) throw faults.CLI_KEY_NOT_FOUND({ url: configOf(options).url, key });
  world.out.write(`${entry.value}\n`);
}

async function read(
  options: KeyspaceOptions,
  folder: string,
  world: World,
  signal: AbortSignal,
): Promise<Snapshot> {
  await using keyspace = await openKeyspace(configOf(options), { ...world, mustExist: true });
  return await readSnapshot(keyspace, [folder], signal);
}

/** Throws CLI_KEYSPACE_INVALID if the URL is invalid or an option does not fit it. */
function configOf({ url, access }: KeyspaceOptions): KeyspaceConfig {
  const config = keyspaceSchema.safeParse({ url, ...access });
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  throw faults.CLI_KEYSPACE_INVALID({
    problem: issue?.message ?? "the URL of the keyspace is invalid",
  });
}
