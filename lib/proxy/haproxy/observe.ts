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
  try {
    if (pidFile !== undefined) await findProcess(title, pidFile, /haproxy|hapee/);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { state: "down", why: error.message };
  }
  if (!runtime) return pidFile === undefined ? undefined : { state: "serving" };
  const { socket, live } = runtime;
  const unreachable = await reasonUnreachable(socket, clock, signal);
  if (unreachable !== undefined) return { state: "down", why: `${title} ${unreachable}` };
  const observed = await live.observe(desired, signal);
  if (observed?.state !== "down") return observed;
  return { state: "down", why: `${title} does not serve: ${observed.why}` };
}

/** Why no answer comes from the socket; undefined if one does. */
async function reasonUnreachable(
  socket: CommandSocket,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await sendCommand(socket, "show info", answerMs, clock, signal);
    if ("text" in answer) return undefined;
    const isRefused = answer.reason.includes("ECONNREFUSED");
    return `${isRefused ? "is not running" : "is unreachable"}: ${answer.reason}`;
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return error.code === "PROXY_NOT_RUNNING"
      ? `is unreachable: its socket ${socket.path} does not exist`
      : `is unreachable: permission for its socket ${socket.path} is missing`;
  }
}
