import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import type { Observed } from "../contract.ts";
import { findProcess } from "../processes.ts";
import type { LiveServers } from "./live-servers.ts";
import type { Pools } from "./plan.ts";
import { answerMs, type CommandSocket, sendCommand } from "./send-command.ts";

/** The ways in which a running haproxy can be looked at. */
export interface ObservableHaproxy {
  readonly title: string;
  readonly pidFile: string | undefined;
  /** The master's socket or the stats socket, and the servers behind it. */
  readonly runtime: { readonly socket: CommandSocket; readonly live: LiveServers } | undefined;
}

/**
 * Looks at the process, at the socket, and at the servers of the worker. "Not running" is only what the system reports: no
 * such process, or nothing that listens on the socket. A socket that is missing does not prove it.
 */
export async function observeHaproxy(
  { title, pidFile, runtime }: ObservableHaproxy,
  desired: Pools,
  clock: Clock,
  signal: AbortSignal,
): Promise<Observed | undefined> {
  const missing = pidFile === undefined ? undefined : await reasonMissing(title, pidFile);
  const unreachable = runtime && (await reasonUnreachable(runtime.socket, clock, signal));
  // Its workers end with it. Without a socket, another process than that of the pid file may serve.
  const ended = unreachable?.isRefused ? { hasEnded: true as const } : {};
  if (missing !== undefined) return { state: "down", why: missing, ...ended };
  if (unreachable) return { state: "down", why: `${title} ${unreachable.why}`, ...ended };
  if (!runtime) return pidFile === undefined ? undefined : { state: "serving" };
  const { live } = runtime;
  const observed = await live.observe(desired, signal);
  if (observed?.state !== "down") return observed;
  return { state: "down", why: `${title} does not serve: ${observed.why}` };
}

/** Why there is no process by the pid file; undefined if there is one. */
async function reasonMissing(title: string, pidFile: string): Promise<string | undefined> {
  try {
    await findProcess(title, pidFile, /haproxy|hapee/);
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return error.message;
  }
}

/** Why no answer comes from the socket, and whether that is because no process listens on it. */
interface Unreachable {
  readonly why: string;
  readonly isRefused: boolean;
}

/** Undefined if an answer comes from the socket. */
async function reasonUnreachable(
  socket: CommandSocket,
  clock: Clock,
  signal: AbortSignal,
): Promise<Unreachable | undefined> {
  try {
    const answer = await sendCommand(socket, "show info", answerMs, clock, signal);
    if ("text" in answer) return undefined;
    const isRefused = answer.reason.includes("ECONNREFUSED");
    return {
      why: `${isRefused ? "is not running" : "is unreachable"}: ${answer.reason}`,
      isRefused,
    };
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    const why =
      error.code === "PROXY_NOT_RUNNING"
        ? `is unreachable: its socket ${socket.path} does not exist`
        : `is unreachable: permission for its socket ${socket.path} is missing`;
    return { why, isRefused: false };
  }
}
