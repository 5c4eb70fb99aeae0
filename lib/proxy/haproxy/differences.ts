import { formatAddress } from "../../model/endpoint.ts";
import type { Pools } from "./plan.ts";
import type { Server } from "./server-line.ts";
import type { RunningPools, RunningServer } from "./servers-state.ts";

/** How the servers of the running process differ from the desired ones. */
export interface Differences {
  /** Servers to add, before others are disabled. */
  readonly add: ServerChange[];
  readonly update: ServerChange[];
  /** Servers to put into maintenance, so that they get no new requests. */
  readonly disable: ServerChange[];
  /** Servers to delete once they have no connections, as `pool/server`. */
  readonly toDelete: string[];
  /** Differences that no command can remove, for the log. */
  readonly conflicts: string[];
}

export interface ServerChange {
  /** `pool/server` */
  readonly server: string;
  readonly commands: readonly string[];
}

/** The settings with which a server of the running process was created; undefined if they are not known. */
export type SettingsOf = (pool: string, server: string) => string | undefined;

/** Compares the desired pools with the running ones. Other pools of the running process are left alone. */
export function differences(
  desired: Pools,
  running: RunningPools,
  settingsOf: SettingsOf,
): Differences {
  const found: Differences = { add: [], update: [], disable: [], toDelete: [], conflicts: [] };
  for (const [pool, servers] of desired) {
    const present = running.get(pool) ?? new Map<string, RunningServer>();
    for (const [name, server] of servers) {
      compare(`${pool}/${name}`, server, present.get(name), settingsOf(pool, name), found);
    }
    for (const [name, { disabled }] of present) {
      if (servers.has(name)) continue;
      const key = `${pool}/${name}`;
      if (!disabled) found.disable.push({ server: key, commands: [maintenanceCommand(key)] });
      found.toDelete.push(key);
    }
  }
  return found;
}

function compare(
  key: string,
  server: Server,
  running: RunningServer | undefined,
  settings: string | undefined,
  { add, update, conflicts }: Differences,
): void {
  if (!running || settings !== server.settings) {
    add.push({ server: key, commands: addCommands(key, server, running) });
    return;
  }
  const commands = updateCommands(key, server, running);
  if (commands.length > 0) update.push({ server: key, commands });
  if (hasMoved(server, running)) conflicts.push(`${key} was moved to ${addressOf(running)}`);
}

/**
 * A server is added in maintenance and without health checks, and inherits nothing. `running` is another server of the
 * same name: one that another client added, or one with other options that is not deleted yet.
 */
function addCommands(
  key: string,
  { settings, weight, checked, disabled }: Server,
  running: RunningServer | undefined,
): readonly string[] {
  return [
    ...(running ? [maintenanceCommand(key), `del server ${key}`] : []),
    `add server ${key} ${settings} weight ${weight}`,
    ...(checked ? [`enable health ${key}`] : []),
    ...(disabled ? [] : [`set server ${key} state ready`]),
  ];
}

function updateCommands(key: string, server: Server, running: RunningServer): readonly string[] {
  const becomesReady = !server.disabled && (running.disabled || running.draining);
  return [
    ...(server.weight === running.weight ? [] : [`set server ${key} weight ${server.weight}`]),
    ...(server.checked && !running.checked ? [`enable health ${key}`] : []),
    ...(server.disabled && !running.disabled ? [maintenanceCommand(key)] : []),
    ...(becomesReady ? [`set server ${key} state ready`] : []),
  ];
}

/** In maintenance, a server finishes its current requests and gets no new ones. */
function maintenanceCommand(key: string): string {
  return `set server ${key} state maint`;
}

/** A server without an IP address has not moved: its host name may resolve to any. */
function hasMoved({ address }: Server, running: RunningServer): boolean {
  return address !== undefined && formatAddress(address) !== addressOf(running);
}

function addressOf({ address }: RunningServer): string {
  return formatAddress(address);
}
