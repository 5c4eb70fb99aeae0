import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import { type KeyspaceConfig, keyspaceSchema } from "../../lib/keyspace/schema.ts";
import { folderOf } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { faults } from "../../agents/faults.ts";
import { snapshotNow } from "../../agents/watch/agent.ts";
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

/** Prints the value of a key. Throws AGENT_KEY_MISSING. */
export async function get(
  { key, ...where }: Where & { key: string },
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const entry = (await read(where, folderOf(key), world, signal)).get(folderOf(key));
  if (!entry) throw faults.AGENT_KEY_MISSING({ url: configOf(where).url, key });
  world.out.write(`${entry.value}\n`);
}

async function read(
  where: Where,
  folder: string,
  world: World,
  signal: AbortSignal,
): Promise<Snapshot> {
  await using keyspace = await openKeyspace(configOf(where), world);
  return await snapshotNow(keyspace, [folder], signal);
}

/** Throws AGENT_KEYSPACE where the URL or the options make no sense. */
function configOf({ url, access }: Where): KeyspaceConfig {
  const config = keyspaceSchema.safeParse({ url, ...access });
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  throw faults.AGENT_KEYSPACE({ problem: issue?.message ?? "it makes no sense" });
}
