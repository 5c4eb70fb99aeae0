import { atRevision } from "../../lib/keyspace/mounts/at-revision.ts";
import { openMounts } from "../../lib/keyspace/mounts/open.ts";
import { readMounted } from "../../lib/keyspace/mounts/read-mounted.ts";
import { type Entry, folderOf } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { faults } from "../faults.ts";
import { type KeyspaceOptions, keyspacesOf } from "../keyspaces-of.ts";
import { printJson } from "../print-json.ts";
import type { World } from "../world.ts";

export interface LsOptions extends KeyspaceOptions {
  readonly prefix?: string | undefined;
  /** Print the values, too. */
  readonly long?: boolean;
  readonly json?: boolean;
}

export interface GetOptions extends KeyspaceOptions {
  readonly key: string;
  readonly json?: boolean;
}

/**
 * Prints the keys at and below a prefix, in order; with `long`, their values too. Entries that cannot be read are listed on
 * standard error. Keys that do not begin with a slash are printed if the prefix does not either. With `json`, prints the keys
 * with their revisions, and all that cannot be read. Throws CLI_KEYSPACE_INVALID, and the faults of a configuration.
 */
export async function ls(
  { prefix, long, json, ...options }: LsOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { url, snapshot, slashless } = await read(options, prefix ?? "", world, signal);
  const entries = [...snapshot.chunks.flat(), ...slashless.values()];
  if (json) {
    const keys = entries.map(({ key, value, revision, owner }) => ({
      ...{ key, ...(long && { value }), revision, owner },
    }));
    const unreadable = snapshot.unreadable.map(({ key, why }) => ({ key, why }));
    return printJson({ keyspace: url, revision: snapshot.revision, keys, unreadable }, world);
  }
  const lines = entries.map(({ key, value }) => (long ? `${key}\t${value}` : key));
  world.out.write(lines.map((line) => `${line}\n`).join(""));
  const unreadable = snapshot.unreadable.map(({ key, why }) => `${key} cannot be read: ${why}\n`);
  world.err.write(unreadable.join(""));
  if (slashless.size > 0) world.err.write(`${slashlessNote(slashless.size, url)}\n`);
}

/** Prints the value of a key; with `json`, its revision and owner, too. Throws CLI_KEY_NOT_FOUND, CLI_KEY_UNREADABLE and CLI_KEYSPACE_INVALID. */
export async function get(
  { key, json, ...options }: GetOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { url, snapshot, slashless } = await read(options, key, world, signal);
  const entry = snapshot.get(folderOf(key)) ?? slashless.get(key);
  const unreadable = snapshot.unreadable.find((one) => one.key === folderOf(key));
  if (unreadable) throw faults.CLI_KEY_UNREADABLE(unreadable);
  if (!entry) throw faults.CLI_KEY_NOT_FOUND({ url, key });
  const { value, revision, owner } = entry;
  if (json) printJson({ keyspace: url, key: entry.key, value, revision, owner }, world);
  else world.out.write(`${value}\n`);
}

function slashlessNote(count: number, url: string): string {
  const keys = count === 1 ? "1 key does" : `${count} keys do`;
  return `${keys} not begin with a slash: templates read such keys of the keyspace ${url}?slashless`;
}

interface Contents {
  /** The keyspace, without credentials. */
  readonly url: string;
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
  const config = await keyspacesOf(options, world);
  await using mounts = await openMounts(config, { ...world, mustExist: true });
  const { at } = options;
  const read = at === undefined ? mounts : atRevision(mounts, at);
  const snapshot = await readMounted(read, [folderOf(prefix)], signal);
  const folder = prefix.replace(/\/+$/, "");
  const isAbsolute = prefix.startsWith("/");
  const { keyspace } = read.root;
  const found = isAbsolute ? undefined : await keyspace.listSlashless?.(folder, signal);
  const { url } = mounts.locate(folderOf(prefix)).mount.keyspace;
  return { url, snapshot, slashless: found ?? new Map() };
}
