import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { childrenOf, sendSignal } from "../processes.ts";
import { runtimeOfStatsSocket } from "./runtime.ts";
import type { CommandSocket } from "./send-command.ts";
import { noNewWorker, replaceWorker } from "./worker.ts";

export interface SignalReload {
  readonly title: string;
  /** Throws PROXY_NOT_RUNNING. */
  readonly findMaster: () => Promise<number>;
  /** The stats socket, which verifies the reload. Without it, or if it does not answer, the master's child processes do. */
  readonly socket: CommandSocket | undefined;
  /** The time limit until the reload is verified, in milliseconds. */
  readonly timeoutMs: number;
}

/** A new worker that ends within this many milliseconds could not start. */
const startMs = 250;

/** Reloads by sending SIGUSR2 to the master. Throws PROXY_NOT_RUNNING, PROXY_UNREACHABLE or PROXY_REJECTED. */
export async function reloadBySignal(
  { title, findMaster, socket, timeoutMs }: SignalReload,
  deps: ProxyDeps,
  signal: AbortSignal,
): Promise<"reloaded"> {
  const { clock } = deps;
  const master = await findMaster();
  // If the socket's path was deleted, it stays so: haproxy passes the listening socket on and creates no new path.
  if (socket && "pid" in (await runtimeOfStatsSocket(socket, clock).worker(signal))) {
    const trigger = async () => sendSignal(title, master, "SIGUSR2");
    return await replaceWorker(socket, trigger, timeoutMs, deps, signal);
  }
  const before = new Set(await childrenOf(master));
  const hasNewWorker = async () => {
    const started = (await childrenOf(master)).filter((child) => !before.has(child));
    if (started.length === 0) return undefined;
    await clock.sleep(startMs, signal);
    const now = await childrenOf(master);
    return started.some((child) => now.includes(child)) || undefined;
  };
  sendSignal(title, master, "SIGUSR2");
  if (await poll(hasNewWorker, timeoutMs, clock, signal)) return "reloaded";
  throw faults.PROXY_REJECTED({ title, reason: noNewWorker(timeoutMs) });
}
