import { existsSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import type { Observed } from "../contract.ts";
import { childrenNow, commandLine, runningProcess } from "../processes.ts";
import type { LiveServers } from "./live-servers.ts";
import type { Pools } from "./plan.ts";
import { answerMs, type CommandSocket, sendCommand } from "./send-command.ts";

/** The ways in which a running haproxy can be looked at. */
export interface ObservableHaproxy {
  readonly title: string;
  /** Throws PROXY_NOT_RUNNING; undefined if only the socket shows it. */
  readonly findMaster: (() => Promise<number>) | undefined;
  /** The master's socket or the stats socket, and the servers behind it. */
  readonly runtime: { readonly socket: CommandSocket; readonly live: LiveServers } | undefined;
}

/** The texts that haproxy should run with, and their servers. */
export interface DesiredServers {
  readonly texts: readonly string[];
  readonly pools: () => Pools;
}

/**
 * How long servers that are as desired are not compared again, in milliseconds: comparing takes a thousandth of the time
 * at the most, unless that would be less often than once a minute.
 */
const [leastRestMs, restPerWork, mostRestMs] = [10_000, 1000, 60_000];

/**
 * Looks at the process, at the worker and, from time to time, at its servers. "Not running" is only what the system reports:
 * no such process, or nothing that listens on the socket. A socket that is missing does not prove it.
 */
export class HaproxyObserver {
  readonly #haproxy: ObservableHaproxy;
  readonly #clock: Clock;
  #asDesired: AsDesired | undefined;

  constructor(haproxy: ObservableHaproxy, clock: Clock) {
    this.#haproxy = haproxy;
    this.#clock = clock;
  }

  /** Undefined if nothing is known at this moment. */
  async observe(desired: DesiredServers, signal: AbortSignal): Promise<Observed | undefined> {
    const { findMaster, runtime } = this.#haproxy;
    if (runtime && (await this.#isStillServing(runtime, desired, signal))) {
      return { state: "serving" };
    }
    this.#asDesired = undefined;
    const missing = findMaster && (await reasonMissing(findMaster));
    if (missing !== undefined) {
      const unreachable = runtime && (await reasonUnreachable(runtime.socket, this.#clock, signal));
      return { state: "down", why: missing, ...endedIf(unreachable?.isRefused) };
    }
    if (!runtime) return findMaster === undefined ? undefined : { state: "serving" };
    const startMs = this.#clock.now();
    const observed = await this.#compare(runtime, desired, signal);
    if (observed?.state === "serving") {
      const restMs = restPerWork * (this.#clock.now() - startMs);
      const untilMs = this.#clock.now() + Math.min(Math.max(restMs, leastRestMs), mostRestMs);
      const { worker } = runtime.live;
      const process = worker === undefined ? undefined : await visible(worker);
      this.#asDesired = { files: desired.texts.length, untilMs, process };
    }
    return observed;
  }

  /** Whether the worker that was looked at runs still: by its process if that is visible, or by one question. */
  async #isStillServing(
    { socket, live }: NonNullable<ObservableHaproxy["runtime"]>,
    { texts }: DesiredServers,
    signal: AbortSignal,
  ): Promise<boolean> {
    const last = this.#asDesired;
    // Servers that were changed meanwhile were read back then.
    if (!last || last.untilMs <= this.#clock.now() || last.files !== texts.length) return false;
    if (!last.process) return await live.isServing(socket, signal);
    const { pid, since, master, siblings } = last.process;
    if (live.worker !== pid || runningProcess(pid)?.since !== since) return false;
    return (master === undefined || childrenNow(master) === siblings) && existsSync(socket.path);
  }

  async #compare(
    { socket, live }: NonNullable<ObservableHaproxy["runtime"]>,
    { pools }: DesiredServers,
    signal: AbortSignal,
  ): Promise<Observed | undefined> {
    const { title } = this.#haproxy;
    const observed = await live.observe(pools(), signal);
    if (observed?.state !== "down") return observed;
    const unreachable = await reasonUnreachable(socket, this.#clock, signal);
    const why = `${title} ${unreachable?.why ?? `does not serve: ${observed.why}`}`;
    return { state: "down", why, ...endedIf(unreachable?.isRefused) };
  }
}

/** The servers of texts, which were found to be as desired. */
interface AsDesired {
  /** The number of texts; none while they are not known. */
  readonly files: number;
  /** Until when that is not compared again. */
  readonly untilMs: number;
  /** The worker; undefined if its process is not visible, as in another container. */
  readonly process: WorkerProcess | undefined;
}

interface WorkerProcess {
  readonly pid: number;
  readonly since: number;
  /** Undefined without one. */
  readonly master: number | undefined;
  /** The master's processes: others after a reload, while the old worker may still run. */
  readonly siblings: string;
}

/** The process of a worker, if it is an haproxy: another process may have its id where ids are others. */
async function visible(pid: number): Promise<WorkerProcess | undefined> {
  const running = runningProcess(pid);
  if (!running || !(await isHaproxy(pid))) return undefined;
  const { since, parent } = running;
  const master = (await isHaproxy(parent)) ? parent : undefined;
  return { pid, since, master, siblings: master === undefined ? "" : childrenNow(master) };
}

async function isHaproxy(pid: number): Promise<boolean> {
  return haproxyCommand.test(await commandLine(pid));
}

/** Matches the command line of a process of haproxy. */
export const haproxyCommand = /haproxy|hapee/;

/** Why there is no process; undefined if there is one. */
async function reasonMissing(findMaster: () => Promise<number>): Promise<string | undefined> {
  try {
    await findMaster();
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
    const { isRefused, reason } = answer;
    const event = isRefused ? "is not running" : "is unreachable";
    return { why: `${event}: ${reason}`, isRefused: isRefused === true };
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return { why: whyUnreachable(error, socket), isRefused: false };
  }
}

function whyUnreachable({ code }: Fault, { path }: CommandSocket): string {
  if (code === "PROXY_NOT_RUNNING") return `is unreachable: its socket ${path} does not exist`;
  return code === "PROXY_UNREACHABLE"
    ? `is unreachable: permission for its socket ${path} is missing`
    : "cannot be looked at";
}

/** Its workers end with a master that has ended. Without a socket, another process than that of the pid file may serve. */
function endedIf(isRefused: boolean | undefined): { readonly hasEnded?: true } {
  return isRefused ? { hasEnded: true } : {};
}
