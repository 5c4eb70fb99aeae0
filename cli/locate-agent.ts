import { withTimeout } from "../lib/base/timeout.ts";
import { faults } from "../lib/control/faults.ts";
import { isListening } from "../lib/control/is-listening.ts";
import { discoverSockets, socketFolder, socketsOf } from "../lib/status/paths.ts";
import type { World } from "./world.ts";

/** Selects a running agent by its configuration or its socket. */
export interface AgentSelector {
  /** Empty for the only agent of this user. */
  readonly files: readonly string[];
  /** Takes precedence over `files`. */
  readonly socket: string | undefined;
}

/** The socket of a running agent. Throws CONTROL_NO_AGENT, or CONTROL_SEVERAL_AGENTS. */
export async function locateAgent(
  { files, socket }: AgentSelector,
  world: World,
  signal: AbortSignal,
): Promise<string> {
  if (socket !== undefined) return socket;
  const found = await listening(
    files.length > 0 ? socketsOf(files, world) : await discoverSockets(world),
    signal,
  );
  const [one, ...others] = found;
  if (others.length > 0) throw faults.CONTROL_SEVERAL_AGENTS({ paths: found });
  const path = one ?? (await configuredSocket(files, world));
  if (path !== undefined) return path;
  const where = files.length > 0 ? `the socket of ${files.join(", ")}` : socketFolder(world);
  throw faults.CONTROL_NO_AGENT({ where });
}

/** The sockets that an agent listens on. */
async function listening(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) if (await isListening(path, signal)) found.push(path);
  return found;
}

/** The socket that a configuration names. Tried last: loading a configuration takes longer than all other ways. */
async function configuredSocket(
  files: readonly string[],
  world: World,
): Promise<string | undefined> {
  if (files.length === 0) return undefined;
  const { loadConfig } = await import("../lib/config/load.ts");
  return (await loadConfig(files, world)).status?.socket;
}

/** Time limit of a request to an agent, in milliseconds: an agent that hangs must not make the command hang. */
const answerTimeoutMs = 3000;

/** Sends a request to the agent at a socket. Throws CONTROL_TIMEOUT if the answer takes longer than `limitMs` milliseconds. */
export async function withAnswerTimeout<T>(
  path: string,
  request: (signal: AbortSignal) => Promise<T>,
  { clock }: World,
  signal: AbortSignal,
  limitMs = answerTimeoutMs,
): Promise<T> {
  const onTimeout = (): never => {
    throw faults.CONTROL_TIMEOUT({ path, limitMs });
  };
  return await withTimeout(limitMs, request, onTimeout, clock, signal);
}
