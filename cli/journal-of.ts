import { access } from "node:fs/promises";
import { Fault } from "../lib/base/fault.ts";
import { postJson } from "../lib/control/client.ts";
import { faults } from "../lib/control/faults.ts";
import { listenerOf } from "../lib/control/is-listening.ts";
import type { GenerationTexts, History, JournalReader } from "../lib/journal/contract.ts";
import { journalFolder, readerOf } from "../lib/journal/read-journal.ts";
import { snapshotCachePath } from "../lib/status/paths.ts";
import { withAnswerTimeout } from "./answer-timeout.ts";
import { type AgentSelector, locateAgent } from "./locate-agent.ts";
import type { World } from "./world.ts";

/** The time limit of an answer, in milliseconds: a journal may have megabytes. */
const limitMs = 10_000;

/**
 * The journal of a watcher: a running agent is asked, and if none runs with this configuration, the files are read that it
 * has left. Throws CONTROL_NO_AGENT if there are none either.
 */
export async function journalOf(
  selector: AgentSelector,
  world: World,
  signal: AbortSignal,
): Promise<JournalReader> {
  try {
    const path = await locateAgent(selector, world, signal);
    // A configuration may name a socket, also while no agent runs.
    if ((await listenerOf(path, signal)) === "absent")
      throw faults.CONTROL_NO_AGENT({ where: path });
    return askedAt(path, world, signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "CONTROL_NO_AGENT") throw error;
    const folder = await leftFolder(selector, world);
    if (folder === undefined) throw error;
    return readerOf(folder, () => Date.now());
  }
}

function askedAt(path: string, world: World, signal: AbortSignal): JournalReader {
  const ask = <T>(route: string, request: object) =>
    withAnswerTimeout(path, (s) => postJson<T>(path, route, request, s), world, signal, limitMs);
  return {
    history: (query) => ask<History>("/history", query),
    texts: (n) => ask<GenerationTexts>("/texts", { n }),
  };
}

/** The folder of the journal beside the snapshot cache that a configuration names, or has by default. */
async function leftFolder({ files }: AgentSelector, world: World): Promise<string | undefined> {
  if (files.length === 0) return undefined;
  const { loadConfig } = await import("../lib/config/load.ts");
  const configured = (await loadConfig(files, world)).watch?.snapshotCache;
  const usual = (["any", "watch"] as const).map((one) => snapshotCachePath(files, one, world));
  for (const path of configured === undefined ? usual : [configured]) {
    const folder = path && journalFolder(path);
    if (folder && (await isThere(folder))) return folder;
  }
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
