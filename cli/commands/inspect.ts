import { faults } from "../../agents/faults.ts";
import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import { type KeyspaceConfig, keyspaceSchema } from "../../lib/keyspace/schema.ts";
import { folderOf } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { World } from "../world.ts";

/** Which keyspace to look at, and what it takes to be let in. */
export interface Where {
  readonly url: string;
  readonly access: {
    readonly user?: string;
    readonly passwordFile?: string;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
  };
}

/** Lists the keys at and below a prefix, in order; with their values if asked. */
export async function ls(
  { prefix, long, ...where }: Where & { prefix?: string; long?: boolean },
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = await read(where, folderOf(prefix ?? ""), world, signal);
  const lines = snapshot.chunks.flat().map(({ key, value }) => (long ? `${key}\t${value}` : key));
  world.out.write(lines.map((line) => `${line}\n`).join(""));
}

/** Prints the value of a key. Throws CLI_KEY_NOT_FOUND. */
export async function get(
  { key, ...where }: Where & { key: string },
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const entry = (await read(where, folderOf(key), world, signal)).get(folderOf(key));
  if (!entry) throw faults.CLI_KEY_NOT_FOUND({ url: configOf(where).url, key });
  world.out.write(`${entry.value}\n`);
}

async function read(
  where: Where,
  folder: string,
  world: World,
  signal: AbortSignal,
): Promise<Snapshot> {
  await using keyspace = await openKeyspace(configOf(where), world);
  return await readSnapshot(keyspace, [folder], signal);
}

/** Throws CLI_KEYSPACE_INVALID where the URL or the options make no sense. */
function configOf({ url, access }: Where): KeyspaceConfig {
  const config = keyspaceSchema.safeParse({ url, ...access });
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  throw faults.CLI_KEYSPACE_INVALID({ problem: issue?.message ?? "it makes no sense" });
}
