import { race } from "../lib/base/signal.ts";
import { faults } from "../lib/control/faults.ts";
import { isListening } from "../lib/control/is-listening.ts";
import { discoverSockets, socketFolder, socketsOf } from "../lib/status/paths.ts";
import type { World } from "./world.ts";

/** Which agent is meant: by its configuration, by its socket, or the only one there is. */
export interface AgentSelector {
  readonly files: readonly string[];
  readonly socket: string | undefined;
}

/** The socket of a running agent. Throws CONTROL_NO_AGENT, or CONTROL_SEVERAL_AGENTS. */
export async function locateAgent(
  { files, socket }: AgentSelector,
  world: World,
  signal: AbortSignal,
): Promise<string> {
  if (socket !== undefined) return socket;
  const found = await living(
    files.length > 0 ? socketsOf(files, world) : await discoverSockets(world),
    signal,
  );
  const [one, ...others] = found;
  if (others.length > 0) throw faults.CONTROL_SEVERAL_AGENTS({ paths: found });
  const path = one ?? (await configured(files, world));
  if (path !== undefined) return path;
  const where = files.length > 0 ? `the socket of ${files.join(", ")}` : socketFolder(world);
  throw faults.CONTROL_NO_AGENT({ where });
}

/** Those that somebody listens at. */
async function living(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) if (await isListening(path, signal)) found.push(path);
  return found;
}

/** The socket that a configuration names: read last, since it takes longer than all the rest. */
async function configured(files: readonly string[], world: World): Promise<string | undefined> {
  if (files.length === 0) return undefined;
  const { loadConfig } = await import("../lib/config/load.ts");
  return (await loadConfig(files, world)).status?.socket;
}

/** How long an agent may take to say how it fares, in milliseconds: one that hangs is not waited for. */
const answerWithinMs = 3000;

/** What an agent answers. Throws CONTROL_TIMEOUT where that takes too long. */
export async function withAnswerTimeout<T>(
  path: string,
  ask: (signal: AbortSignal) => Promise<T>,
  { clock }: World,
  signal: AbortSignal,
): Promise<T> {
  return await race<T>(signal, ask, async (s) => {
    await clock.sleep(answerWithinMs, s);
    throw faults.CONTROL_TIMEOUT({ path, limitMs: answerWithinMs });
  });
}
