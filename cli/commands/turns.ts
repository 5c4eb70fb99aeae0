import { printableLines } from "../../lib/base/printable.ts";
import { openMounts } from "../../lib/keyspace/mounts/open.ts";
import { clearTurn } from "../../lib/keyspace/turns/clear-turn.ts";
import { type ListedTurns, readTurns } from "../../lib/keyspace/turns/read-turns.ts";
import { faults } from "../faults.ts";
import { formatTurns } from "../format-turns.ts";
import { type KeyspaceOptions, keyspacesOf } from "../keyspaces-of.ts";
import { printJson } from "../print-json.ts";
import type { World } from "../world.ts";

export interface TurnsOptions extends KeyspaceOptions {
  /** Print JSON instead of text. */
  readonly json: boolean;
  /** The watcher whose entries to remove, by its name or by the last part of a key. */
  readonly clear: string | undefined;
}

/**
 * Prints the watchers that reload or wait for that, by group; with `clear` the ones that are removed. Throws CLI_KEYSPACE_INVALID,
 * CLI_TURN_UNKNOWN, and the faults of a configuration and of the keyspace.
 */
export async function turns(
  { json, clear, ...options }: TurnsOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const config = await keyspacesOf(options, world);
  await using mounts = await openMounts(config, { ...world, mustExist: true });
  const { keyspace } = mounts.root;
  const listed = await readTurns(keyspace, signal);
  const chosen = clear === undefined ? listed : only(listed, clear);
  if (clear !== undefined) {
    const keys = [...chosen.turns, ...chosen.ignored].map(({ key }) => key);
    if (keys.length === 0) throw faults.CLI_TURN_UNKNOWN({ name: clear, keyspace: keyspace.url });
    await clearTurn(keyspace, keys, signal);
  }
  if (json) printJson({ keyspace: keyspace.url, ...chosen }, world);
  else world.out.write(printableLines(formatTurns(chosen, keyspace.url, clear !== undefined)));
}

/** The entries of a watcher. */
function only({ turns: all, ignored }: ListedTurns, name: string): ListedTurns {
  const isNamed = (key: string) => key.slice(key.lastIndexOf("/") + 1) === name;
  return {
    turns: all.filter(({ watcher, key }) => watcher === name || isNamed(key)),
    ignored: ignored.filter(({ key }) => isNamed(key)),
  };
}
