import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import { type KeyspaceConfig, keyspaceSchema } from "../../lib/keyspace/schema.ts";
import { type Entry, folderOf } from "../../lib/model/entry.ts";
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
 * standard error. Keys that do not begin with a slash are printed if the prefix does not either. Throws
 * CLI_KEYSPACE_INVALID.
 */
export async function ls(
  { prefix, long, ...options }: KeyspaceOptions & { prefix?: string; long?: boolean },
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { snapshot, slashless } = await read(options, prefix ?? "", world, signal);
  const entries = [...snapshot.chunks.flat(), ...slashless.values()];
  const lines = entries.map(({ key, value }) => (long ? `${key}\t${value}` : key));
  world.out.write(lines.map((line) => `${line}\n`).join(""));
  const unreadable = snapshot.unreadable.map(({ key, why }) => `${key} cannot be read: ${why}\n`);
  world.err.write(unreadable.join(""));
  if (slashless.size > 0) world.err.write(`${slashlessNote(slashless.size)}\n`);
}

/** Prints the value of a key. Throws CLI_KEY_NOT_FOUND, CLI_KEY_UNREADABLE and CLI_KEYSPACE_INVALID. */
export async function get(
  { key, ...options }: KeyspaceOptions & { key: string },
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { snapshot, slashless } = await read(options, key, world, signal);
  const entry = snapshot.get(folderOf(key)) ?? slashless.get(key);
  const unreadable = snapshot.unreadable.find((one) => one.key === folderOf(key));
  if (unreadable) throw faults.CLI_KEY_UNREADABLE(unreadable);
  if (!entry) throw faults.CLI_KEY_NOT_FOUND({ url: configOf(options).url, key });
  world.out.write(`${entry.value}\n`);
}

function slashlessNote(count: number): string {
  const keys = count === 1 ? "1 key does" : `${count} keys do`;
  return `${keys} not begin with a slash: no template can read such a key`;
}

interface Contents {
  readonly snapshot: Snapshot;
  /** The entries whose keys do not begin with a slash; none if the prefix does. */
  readonly slashless: ReadonlyMap<string, Entry>;
}

async function read(
  options: KeyspaceOptions,
  prefix: string,
  world: World,
  signal: AbortSignal,
): Promise<Contents> {
  await using keyspace = await openKeyspace(configOf(options), { ...world, mustExist: true });
  const snapshot = await readSnapshot(keyspace, [folderOf(prefix)], signal);
  const folder = prefix.replace(/\/+$/, "");
  const isAbsolute = prefix.startsWith("/");
  const found = isAbsolute ? undefined : await keyspace.listSlashless?.(folder, signal);
  return { snapshot, slashless: found ?? new Map() };
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
