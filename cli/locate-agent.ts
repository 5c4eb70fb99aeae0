import { race } from "../lib/base/signal.ts";
import { isAnswered } from "../lib/control/answered.ts";
import { faults } from "../lib/status/faults.ts";
import { socketFolder, socketsHere, socketsOf } from "../lib/status/paths.ts";
import type { World } from "./world.ts";

/** Which agent is meant: by its configuration, by its socket, or the only one there is. */
export interface Which {
  readonly files: readonly string[];
  readonly socket: string | undefined;
}

/** The socket of a running agent. Throws STATUS_NOBODY, or STATUS_SEVERAL. */
export async function findAgent(
  { files, socket }: Which,
  world: World,
  signal: AbortSignal,
): Promise<string> {
  if (socket !== undefined) return socket;
  const found = await living(
    files.length > 0 ? socketsOf(files, world) : await socketsHere(world),
    signal,
  );
  const [one, ...others] = found;
  if (others.length > 0) throw faults.STATUS_SEVERAL({ paths: found });
  const path = one ?? (await configured(files, world));
  if (path !== undefined) return path;
  const where = files.length > 0 ? `the socket of ${files.join(", ")}` : socketFolder(world);
  throw faults.STATUS_NOBODY({ where });
}

/** Those that somebody listens at. */
async function living(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) if (await isAnswered(path, signal)) found.push(path);
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

/** What an agent answers. Throws STATUS_NO_ANSWER where that takes too long. */
export async function soon<T>(
  path: string,
  ask: (signal: AbortSignal) => Promise<T>,
  { clock }: World,
  signal: AbortSignal,
): Promise<T> {
  return await race<T>(signal, ask, async (s) => {
    await clock.sleep(answerWithinMs, s);
    throw faults.STATUS_NO_ANSWER({ path, limitMs: answerWithinMs });
  });
}
