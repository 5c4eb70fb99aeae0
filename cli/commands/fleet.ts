import { Fault, sentence } from "../../lib/base/fault.ts";
import { printableLines } from "../../lib/base/printable.ts";
import { readReportingWatchers } from "../../lib/keyspace/acks/read-watchers.ts";
import { openMounts } from "../../lib/keyspace/mounts/open.ts";
import { isReadOnly } from "../../lib/keyspace/url.ts";
import { compareFleet } from "../../lib/overview/compare-fleet.ts";
import { fleetOf, type KeyspaceWatchers } from "../../lib/overview/fleet.ts";
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
 * Prints the watchers of a keyspace, and of the ones that a configuration mounts, with the state of their files. Returns 0 if all are in sync and agree, else 3. Throws
 * CLI_KEYSPACE_INVALID, and the faults of a configuration and of a keyspace that cannot be read.
 */
export async function fleet(
  { json, ...options }: FleetOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const config = await keyspacesOf(options, world);
  await using mounts = await openMounts(config, { ...world, mustExist: true });
  const rolls: (KeyspaceWatchers & { readonly ignored: Fleet["ignored"] })[] = [];
  const unread: NonNullable<Fleet["unread"]>[number][] = [];
  for (const { folder, keyspace } of mounts.all) {
    if (folder !== "" && isReadOnly(keyspace.url)) continue;
    try {
      const { watchers, ignored, suspects } = await readReportingWatchers(
        keyspace,
        world.clock,
        signal,
      );
      const visible = ignored.map((one) => ({ ...one, key: `${folder}${one.key}` }));
      rolls.push({ folder, watchers, suspects, ignored: visible });
    } catch (error) {
      if (folder === "" || signal.aborted || !(error instanceof Fault)) throw error;
      unread.push({ folder, why: sentence(error) });
    }
  }
  const watchers = fleetOf(rolls);
  const compared = compareFleet(watchers);
  const all: Fleet = {
    keyspace: mounts.url,
    ...compared,
    isAgreed: compared.isAgreed && unread.length === 0,
    watchers,
    ignored: rolls.flatMap(({ ignored }) => ignored),
    ...(unread.length > 0 && { unread }),
  };
  if (json) printJson(all, world);
  else world.out.write(printableLines(formatFleet(all)));
  return all.isAgreed ? 0 : differsCode;
}
