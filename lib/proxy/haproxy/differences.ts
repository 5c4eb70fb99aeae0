import { formatAddress } from "../../model/endpoint.ts";
import type { Pools } from "./plan.ts";
import type { Server } from "./server-line.ts";
import type { Running, RunningPools } from "./servers-state.ts";

/** What a running process is to be told until it has the servers that it should. */
export interface Differences {
  /** Servers to begin with, before any other leaves. */
  readonly add: Step[];
  readonly set: Step[];
  /** Servers that are to get nothing new from now on. */
  readonly drop: Step[];
  /** Servers that are to be forgotten as soon as nobody is connected to them, as `pool/server`. */
  readonly leftovers: string[];
  /** What no command can mend, for people. */
  readonly beyond: string[];
}

export interface Step {
  /** `pool/server` */
  readonly server: string;
  readonly commands: readonly string[];
}

/** The settings that a server of the running process was made with, as far as we know. */
export type ServerSettings = (pool: string, server: string) => string | undefined;

/** Compares pools with what the process has. Pools that are not among those that are wanted are left alone. */
export function differences(
  wanted: Pools,
  running: RunningPools,
  madeWith: ServerSettings,
): Differences {
  const found: Differences = { add: [], set: [], drop: [], leftovers: [], beyond: [] };
  for (const [pool, servers] of wanted) {
    const present = running.get(pool) ?? new Map<string, Running>();
    for (const [name, server] of servers) {
      compare(`${pool}/${name}`, server, present.get(name), madeWith(pool, name), found);
    }
    for (const [name, { disabled }] of present) {
      if (servers.has(name)) continue;
      const key = `${pool}/${name}`;
      if (!disabled) found.drop.push({ server: key, commands: [maintenance(key)] });
      found.leftovers.push(key);
    }
  }
  return found;
}

function compare(
  key: string,
  server: Server,
  now: Running | undefined,
  madeWith: string | undefined,
  { add, set, beyond }: Differences,
): void {
  if (!now || madeWith !== server.settings) {
    add.push({ server: key, commands: adding(key, server, now) });
    return;
  }
  const commands = setting(key, server, now);
  if (commands.length > 0) set.push({ server: key, commands });
  if (isElsewhere(server, now)) beyond.push(`${key} was moved to ${where(now)}`);
}

/**
 * A server is added in maintenance and unchecked, and inherits nothing. `now` is somebody else's of this
 * name, or one of ours that had other options and has not left yet.
 */
function adding(key: string, server: Server, now: Running | undefined): readonly string[] {
  const { settings, weight, checked, disabled } = server;
  return [
    ...(now ? [maintenance(key), `del server ${key}`] : []),
    `add server ${key} ${settings} weight ${weight}`,
    ...(checked ? [`enable health ${key}`] : []),
    ...(disabled ? [] : [`set server ${key} state ready`]),
  ];
}

function setting(key: string, server: Server, now: Running): readonly string[] {
  const ready = !server.disabled && (now.disabled || now.draining);
  return [
    ...(server.weight === now.weight ? [] : [`set server ${key} weight ${server.weight}`]),
    ...(server.checked && !now.checked ? [`enable health ${key}`] : []),
    ...(server.disabled && !now.disabled ? [maintenance(key)] : []),
    ...(ready ? [`set server ${key} state ready`] : []),
  ];
}

/** What is under way may come to its end; nothing new is sent there. */
function maintenance(key: string): string {
  return `set server ${key} state maint`;
}

/** A host name may resolve to anything. */
function isElsewhere({ address }: Server, now: Running): boolean {
  return address !== undefined && formatAddress(address) !== where(now);
}

function where({ address }: Running): string {
  return formatAddress(address);
}
