import { readFile } from "node:fs/promises";
import { Fault } from "../lib/base/fault.ts";
import { faults } from "../lib/control/faults.ts";
import { listenerOf } from "../lib/control/is-listening.ts";
import { discoverSockets, findForbidden, socketFolder, socketsOf } from "../lib/status/paths.ts";
import { describeAgent, statusAt } from "./ask-status.ts";
import type { World } from "./world.ts";

/** Selects a running agent by its configuration or its socket. */
export interface AgentSelector {
  /** Empty for the only agent of this user. */
  readonly files: readonly string[];
  /** Takes precedence over `files`. */
  readonly socket: string | undefined;
}

/** The socket of a running agent. Throws CONTROL_NO_AGENT, CONTROL_PERMISSION_DENIED, or CONTROL_SEVERAL_AGENTS. */
export async function locateAgent(
  { files, socket }: AgentSelector,
  world: World,
  signal: AbortSignal,
): Promise<string> {
  if (socket !== undefined) return socket;
  if (files.length === 0) {
    const found = await locateAgents(world, signal);
    return found.length === 1 ? (found[0] as string) : await throwSeveral(found, world, signal);
  }
  const { found, denied } = await listening(socketsOf(files, world), signal);
  const [one, ...others] = found;
  if (others.length > 0) return await throwSeveral(found, world, signal);
  const where = `the socket of ${files.join(", ")}`;
  const configured = one ?? (await configuredSocket(files, world));
  if (typeof configured === "string") return configured;
  if (denied !== undefined) throw faults.CONTROL_PERMISSION_DENIED({ path: denied });
  const whose = configured && `, a configuration of ${configured.program}`;
  throw faults.CONTROL_NO_AGENT({ where: `${where}${whose ?? ""}` });
}

/**
 * The sockets of all running agents of this user, at least one; without those whose configuration names a socket elsewhere.
 * Throws CONTROL_NO_AGENT, or CONTROL_PERMISSION_DENIED.
 */
export async function locateAgents(world: World, signal: AbortSignal): Promise<readonly string[]> {
  const { found, denied } = await listening(await discoverSockets(world), signal);
  if (found.length > 0) return found;
  const path = denied ?? (await findForbidden(world));
  if (path !== undefined) throw faults.CONTROL_PERMISSION_DENIED({ path });
  throw faults.CONTROL_NO_AGENT({ where: socketFolder(world) });
}

/** Throws CONTROL_SEVERAL_AGENTS with what is needed to select one of them. */
async function throwSeveral(
  paths: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<never> {
  const agents = await Promise.all(
    paths.map(async (path) => {
      const answer = await statusAt(path, world, signal);
      return `${describeAgent(answer)}: --socket ${path}`;
    }),
  );
  throw faults.CONTROL_SEVERAL_AGENTS({ agents });
}

/** The sockets that an agent listens on, and the first one that this user may not connect to. */
async function listening(paths: readonly string[], signal: AbortSignal) {
  const found: string[] = [];
  let denied: string | undefined;
  for (const path of paths) {
    const listener = await listenerOf(path, signal);
    if (listener === "present") found.push(path);
    if (listener === "denied") denied ??= path;
  }
  return { found, denied };
}

/**
 * The socket that a configuration names, or the program whose configuration it is: those name none. Tried last: loading a
 * configuration takes longer than all other ways.
 */
async function configuredSocket(
  files: readonly string[],
  world: World,
): Promise<string | { readonly program: string } | undefined> {
  if (files.length === 0) return undefined;
  const { loadConfig } = await import("../lib/config/load.ts");
  try {
    return (await loadConfig(files, world)).status?.socket;
  } catch (error) {
    const program = await foreignProgram(files);
    if (error instanceof Fault && error.code === "CONFIG_INVALID" && program) return { program };
    throw error;
  }
}

/** Undefined for files that cannot be read, or whose program is not known. */
async function foreignProgram([file = ""]: readonly string[]): Promise<string | undefined> {
  const { programOf } = await import("../lib/config/compat/program-of.ts");
  return await readFile(file, "utf8").then(programOf, () => undefined);
}
