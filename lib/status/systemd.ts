import type { Clock } from "../base/clock.ts";
import { run } from "../base/exec.ts";
import { never } from "../base/signal.ts";
import { isHealthy, isReady } from "./conditions.ts";
import type { StatusReport } from "./contract.ts";
import { faults } from "./faults.ts";
import { headline, readiness } from "./format.ts";

/** What systemd wants to be told, and where. */
export interface Supervisor {
  /** The socket that it listens on. */
  readonly socket: string;
  /** It ends and restarts what it has not heard of for so long; undefined where nobody asked for that. */
  readonly watchdogMs: number | undefined;
}

/** What systemd says in the environment of a service with `Type=notify`; undefined for all others. */
export function supervisorOf(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Supervisor | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: limit, WATCHDOG_PID: watched } = env;
  if (!socket) return undefined;
  // An environment is inherited: the watchdog may be meant for the process that started this one.
  const isMeant = watched === undefined || Number(watched) === pid;
  const watchdogMs = isMeant && Number(limit) > 0 ? Number(limit) / 1000 : undefined;
  return { socket, watchdogMs };
}

/** How often an agent that is not ready yet is looked at, and how long nothing is told at the most; in milliseconds. */
const [startingMs, restMs] = [250, 10_000];

/**
 * Tells systemd when the agent is ready, how it fares, and that it is alive: that only as long as no loop hangs, so
 * that systemd restarts an agent that does nothing any more. Throws STATUS_NOTIFY_FAILED; then it starts anew.
 */
export async function keepNotified(
  { socket, watchdogMs }: Supervisor,
  report: () => StatusReport,
  clock: Clock,
  signal: AbortSignal,
): Promise<never> {
  const aliveEveryMs = watchdogMs === undefined ? undefined : watchdogMs / 2;
  const paceMs = Math.min(restMs, aliveEveryMs ?? restMs);
  let told: Notification = { ready: false, words: "", aliveMs: undefined };
  try {
    for (;;) {
      const next = notificationOf(told, report(), clock.now(), aliveEveryMs);
      if (next.news.length > 0) await tell(socket, next.news, clock, signal);
      told = next.told;
      await clock.sleep(told.ready ? paceMs : Math.min(paceMs, startingMs), signal);
    }
  } finally {
    if (signal.aborted) await tell(socket, ["STOPPING=1"], clock, never);
  }
}

/** What systemd was told. */
export interface Notification {
  readonly ready: boolean;
  readonly words: string;
  /** When it was told that the agent is alive; undefined where it was not yet. */
  readonly aliveMs: number | undefined;
}

/** What there is to tell, if anything, and what will have been told then. */
export function notificationOf(
  told: Notification,
  report: StatusReport,
  nowMs: number,
  aliveEveryMs: number | undefined,
): { readonly news: readonly string[]; readonly told: Notification } {
  const ready = told.ready || isReady(report);
  const words = ready ? headline(report) : readiness(report);
  const isAlive = isDue(told.aliveMs, nowMs, aliveEveryMs) && isHealthy(report);
  const news = [
    ...(ready && !told.ready ? ["READY=1"] : []),
    ...(isAlive ? ["WATCHDOG=1"] : []),
    ...(words === told.words ? [] : [`STATUS=${words}`]),
  ];
  return { news, told: { ready, words, aliveMs: isAlive ? nowMs : told.aliveMs } };
}

function isDue(lastMs: number | undefined, nowMs: number, everyMs: number | undefined): boolean {
  if (everyMs === undefined || lastMs === undefined) return everyMs !== undefined;
  // A little early is in time: a sleep may end somewhat before it should.
  return nowMs - lastMs >= 0.9 * everyMs;
}

/**
 * Node.js has no datagram sockets of unix, so systemd's own program does it; it takes some milliseconds. It waits until
 * systemd has read what it says: a message of a process that is gone cannot be told to be ours.
 */
async function tell(
  socket: string,
  news: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const argv = ["env", `NOTIFY_SOCKET=${socket}`, "systemd-notify", ...news];
  const { ok, how, output } = await run({ argv, timeoutMs: 2000 }, clock, signal);
  const problem = [how, output.trim()].filter(Boolean).join(": ");
  if (!ok) throw faults.STATUS_NOTIFY_FAILED({ problem });
}
