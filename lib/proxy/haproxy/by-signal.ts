import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { childrenOf, processOf, send } from "../processes.ts";
import type { Socket } from "./ask.ts";
import { atStatsSocket } from "./runtime.ts";
import { replaceWorker, sameWorker } from "./worker.ts";

export interface SignalWay {
  readonly title: string;
  readonly pidFile: string;
  /** Who proves the reload; without it, or where nobody answers there, the master's children do. */
  readonly socket: Socket | undefined;
  readonly timeoutMs: number;
}

/** A worker that ends sooner than this was not able to serve. */
const settledMs = 250;

/** Reloads by sending SIGUSR2 to the master. */
export async function reloadBySignal(
  { title, pidFile, socket, timeoutMs }: SignalWay,
  deps: ProxyDeps,
  signal: AbortSignal,
): Promise<"reloaded"> {
  const { clock } = deps;
  const master = await processOf(title, pidFile, /haproxy|hapee/);
  // A socket whose path somebody removed stays lost: haproxy hands over what listens, and makes no new one.
  if (socket && "pid" in (await atStatsSocket(socket, clock).worker(signal))) {
    const tell = async () => send(title, master, "SIGUSR2");
    return await replaceWorker(socket, tell, timeoutMs, deps, signal);
  }
  const before = new Set(await childrenOf(master));
  const lastingChild = async () => {
    const fresh = (await childrenOf(master)).filter((child) => !before.has(child));
    if (fresh.length === 0) return undefined;
    await clock.sleep(settledMs, signal);
    const now = await childrenOf(master);
    return fresh.some((child) => now.includes(child)) || undefined;
  };
  send(title, master, "SIGUSR2");
  if (await poll(lastingChild, timeoutMs, clock, signal)) return "reloaded";
  throw faults.PROXY_REJECTED({ title, words: sameWorker(timeoutMs) });
}
