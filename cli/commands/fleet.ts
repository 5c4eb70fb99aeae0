import { printableLines } from "../../lib/base/printable.ts";
import { readWatchers } from "../../lib/keyspace/acks/read-watchers.ts";
import { openMounts } from "../../lib/keyspace/mounts/open.ts";
import { compareFleet } from "../../lib/overview/compare-fleet.ts";
import { fleetOf } from "../../lib/overview/fleet.ts";
import type { Fleet } from "../../lib/overview/fleet-contract.ts";
import { formatFleet } from "../../lib/overview/format-fleet.ts";
import { type KeyspaceOptions, keyspacesOf } from "../keyspaces-of.ts";
import { printJson } from "../print-json.ts";
import type { World } from "../world.ts";

export interface FleetOptions extends KeyspaceOptions {
  /** Print JSON instead of text. */
  readonly json: boolean;
}

/** The exit code if a file is not in sync, if watchers differ, or if there is none. */
const differsCode = 3;

/**
 * Prints the watchers of a keyspace with the state of their files. Returns 0 if all are in sync and agree, else 3. Throws
 * CLI_KEYSPACE_INVALID, and the faults of a configuration and of a keyspace that cannot be read.
 */
export async function fleet(
  { json, ...options }: FleetOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const config = await keyspacesOf(options, world);
  await using mounts = await openMounts(config, { ...world, mustExist: true });
  const { keyspace } = mounts.root;
  const { watchers: known, ignored } = await readWatchers(keyspace, world.clock, signal);
  const watchers = fleetOf(known);
  const all: Fleet = { keyspace: keyspace.url, ...compareFleet(watchers), watchers, ignored };
  if (json) printJson(all, world);
  else world.out.write(printableLines(formatFleet(all)));
  return all.isAgreed ? 0 : differsCode;
}
