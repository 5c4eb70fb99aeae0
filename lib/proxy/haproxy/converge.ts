import {
  type Differences,
  differences,
  type ServerChange,
  type SettingsOf,
} from "./differences.ts";
import type { Pools } from "./plan.ts";
import type { RuntimeSession, SessionFailure } from "./runtime-session.ts";
import type { Failure } from "./send-command.ts";
import { parseServersState, type RunningPools, type RunningServer } from "./servers-state.ts";

export interface Adjusted {
  /** The number of servers that were added, updated or disabled, including changes by other clients. */
  readonly servers: number;
  /** Disabled servers that still have connections and are deleted later, as `pool/server`. */
  readonly pendingDeletion: readonly string[];
}

/**
 * Makes the servers of a running process equal to the desired ones, whatever it has now, and verifies the result. A
 * server that is removed gets no new requests from now on; it is deleted once it has no connections, now or by the next
 * call.
 */
export async function converge(
  session: RuntimeSession,
  desired: Pools,
  settingsOf: SettingsOf,
  signal: AbortSignal,
): Promise<Adjusted | Failure> {
  const running = await readState(session, desired, signal);
  if ("reason" in running) return running;
  const found = differences(desired, running.pools, settingsOf);
  if (found.conflicts.length > 0) return { reason: found.conflicts.join(", ") };
  const changes = [...found.add, ...found.update, ...found.disable];
  const rejected = await executeAll(session, changes, signal);
  if (rejected) return rejected;
  if (changes.length > 0) {
    const settingsNow = withAdded(settingsOf, found.add, desired);
    const failure = await verify(session, affectedPools(desired, changes), settingsNow, signal);
    if (failure) return failure;
  }
  const pendingDeletion = await deleteIdle(session, found.toDelete, signal);
  return { servers: changes.length, pendingDeletion };
}

/** The settings once the servers in `add` have the settings of `desired`. */
function withAdded(
  settingsOf: SettingsOf,
  add: readonly ServerChange[],
  desired: Pools,
): SettingsOf {
  const added = new Set(add.map(({ server }) => server));
  return (pool, server) =>
    added.has(`${pool}/${server}`)
      ? desired.get(pool)?.get(server)?.settings
      : settingsOf(pool, server);
}

/** Reads the state back; returns a failure if it is not the desired one. */
async function verify(
  session: RuntimeSession,
  desired: Pools,
  settingsOf: SettingsOf,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const running = await readState(session, desired, signal);
  if ("reason" in running) return running;
  const server = firstDifference(differences(desired, running.pools, settingsOf));
  return server === undefined ? undefined : { reason: `${server} is not in the requested state` };
}

function firstDifference({ add, update, disable, conflicts }: Differences): string | undefined {
  return [...add, ...update, ...disable][0]?.server ?? conflicts[0];
}

/** The pools that the changes belong to. */
function affectedPools(pools: Pools, changes: readonly ServerChange[]): Pools {
  const names = new Set(changes.map(({ server }) => server.slice(0, server.lastIndexOf("/"))));
  return new Map([...pools].filter(([name]) => names.has(name)));
}

/** Queries one pool after the other: the master of haproxy 2.6 may truncate a very long answer. */
export async function readState(
  session: RuntimeSession,
  desired: Pools,
  signal: AbortSignal,
): Promise<{ readonly pools: RunningPools } | Failure> {
  const names = [...desired.keys()];
  const commands = names.map((pool) => `show servers state ${pool}`);
  const answers = await session.execute(commands, signal);
  if (typeof answers === "string") return { reason: describe(answers) };
  const pools = new Map<string, ReadonlyMap<string, RunningServer>>();
  for (const [i, pool] of names.entries()) {
    const servers = parseServersState(answers[i] ?? "");
    if (!servers) return { reason: `${commands[i]}: ${answers[i]}` };
    pools.set(pool, servers);
  }
  return { pools };
}

/** Executes the commands of all changes; returns haproxy's message about the first one that it rejects. */
async function executeAll(
  session: RuntimeSession,
  changes: readonly ServerChange[],
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const commands = changes.flatMap((change) => change.commands);
  const answers = await session.execute(commands, signal);
  if (typeof answers === "string") return { reason: describe(answers) };
  for (const [i, command] of commands.entries()) {
    const answer = answers[i] ?? "";
    if (!isAccepted(command, answer)) return { reason: `${command}: ${answer}` };
  }
  return undefined;
}

/** Deletes the servers that have no connections; returns the others. */
async function deleteIdle(
  session: RuntimeSession,
  servers: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const commands = servers.map((server) => `del server ${server}`);
  const answers = await session.execute(commands, signal);
  if (typeof answers === "string") return servers;
  return servers.filter((_, i) => !isAccepted("del server", answers[i] ?? ""));
}

function isAccepted(command: string, answer: string): boolean {
  if (command.startsWith("add server")) return answer.includes("New server registered");
  if (command.startsWith("del server")) return answer.includes("Server deleted");
  return answer === "";
}

function describe(failure: SessionFailure): string {
  return failure === "closed" ? "the worker closed the connection" : "the worker does not answer";
}
