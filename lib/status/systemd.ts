import type { Clock } from "../base/clock.ts";
import { run } from "../base/exec.ts";
import { never, race, whenAborted } from "../base/signal.ts";
import type { StatusReport } from "./contract.ts";
import { faults } from "./faults.ts";
import { steadyHeadline } from "./format.ts";

/** The service manager that started this process, and its watchdog. */
export interface Supervisor {
  /** The socket that it listens on. */
  readonly socket: string;
  /** It restarts a process that is silent for longer, in milliseconds; undefined where no watchdog is configured. */
  readonly watchdogMs: number | undefined;
}

/** The supervisor that systemd names in the environment of a service with `Type=notify`; undefined for all others. */
export function supervisorOf(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Supervisor | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: limit, WATCHDOG_PID: watched } = env;
  if (!socket) return undefined;
  // The environment is inherited: the watchdog may be meant for the parent process.
  const isMeant = watched === undefined || Number(watched) === pid;
  const watchdogMs = isMeant && Number(limit) > 0 ? Number(limit) / 1000 : undefined;
  return { socket, watchdogMs };
}

/** How often the status is looked at until the agents are ready, and afterwards; in milliseconds. */
const [startingMs, restMs] = [250, 10_000];

/** What systemd is notified of. */
export interface Notified {
  readonly report: () => StatusReport;
  /** Aborts when the agents begin to shut down. */
  readonly stopping: AbortSignal;
  /** Called once systemd was notified that the agents are ready. */
  readonly onReady?: () => void;
}

/**
 * Notifies systemd when the agents become ready, of their status, when they begin to shut down, and of the watchdog: that
 * only as long as no loop is stalled, so that systemd restarts an agent that does nothing any more. Throws
 * STATUS_NOTIFY_FAILED.
 */
export async function keepNotified(
  { socket, watchdogMs }: Supervisor,
  { report, stopping, onReady }: Notified,
  clock: Clock,
  signal: AbortSignal,
): Promise<never> {
  const aliveEveryMs = watchdogMs === undefined ? undefined : watchdogMs / 2;
  const pollMs = Math.min(restMs, aliveEveryMs ?? restMs);
  let sent = nothingSent;
  try {
    for (;;) {
      const next = notificationOf(sent, report(), clock.now(), aliveEveryMs);
      if (next.lines.length > 0) await notify(socket, next.lines, clock, signal);
      if (next.sent.ready && !sent.ready) onReady?.();
      sent = next.sent;
      const waitMs = sent.ready ? pollMs : Math.min(pollMs, startingMs);
      await race(
        signal,
        (s) => clock.sleep(waitMs, s),
        ...(sent.stopping ? [] : [(s: AbortSignal) => whenAborted(stopping, s)]),
      );
    }
  } finally {
    // Agents without anything to drain have stopped before this loop could notice.
    if (signal.aborted && !sent.stopping) await notify(socket, ["STOPPING=1"], clock, never);
  }
}

/** What systemd was notified of so far. */
export interface Notification {
  readonly ready: boolean;
  readonly stopping: boolean;
  /** The status line. */
  readonly status: string;
  /** When the watchdog was last notified; undefined where it was not yet. */
  readonly aliveMs: number | undefined;
}

export const nothingSent: Notification = {
  ready: false,
  stopping: false,
  status: "",
  aliveMs: undefined,
};

/** The lines to send now, and what will have been sent then. */
export function notificationOf(
  sent: Notification,
  report: StatusReport,
  nowMs: number,
  aliveEveryMs: number | undefined,
): { readonly lines: readonly string[]; readonly sent: Notification } {
  const ready = sent.ready || report.ready;
  const stopping = report.phase === "shutting down";
  const status = steadyHeadline(report);
  const isAlive = isDue(sent.aliveMs, nowMs, aliveEveryMs) && report.healthy;
  const lines = [
    ...(ready && !sent.ready ? ["READY=1"] : []),
    ...(stopping && !sent.stopping ? ["STOPPING=1"] : []),
    ...(isAlive ? ["WATCHDOG=1"] : []),
    ...(status === sent.status ? [] : [`STATUS=${status}`]),
  ];
  return { lines, sent: { ready, stopping, status, aliveMs: isAlive ? nowMs : sent.aliveMs } };
}

function isDue(lastMs: number | undefined, nowMs: number, everyMs: number | undefined): boolean {
  if (everyMs === undefined || lastMs === undefined) return everyMs !== undefined;
  // A little early is in time: a sleep may end somewhat before it should.
  return nowMs - lastMs >= 0.9 * everyMs;
}

/**
 * Sends lines by systemd's own program, since Node.js has no unix datagram sockets; that takes some milliseconds. The program
 * waits until systemd has read them: it could not tell which service a message comes from after its process has ended.
 */
export async function notify(
  socket: string,
  lines: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const argv = ["env", `NOTIFY_SOCKET=${socket}`, "systemd-notify", ...lines];
  const { ok, how, output } = await run({ argv, timeoutMs: 2000 }, clock, signal);
  const problem = [how, output.trim()].filter(Boolean).join(": ");
  if (!ok) throw faults.STATUS_NOTIFY_FAILED({ problem });
}
