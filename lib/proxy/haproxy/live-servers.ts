import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import type { Observed, ServerCounters } from "../contract.ts";
import { listed } from "../listed.ts";
import { type Adjusted, converge, readState } from "./converge.ts";
import { describeDifferences } from "./describe-differences.ts";
import { differences, type SettingsOf } from "./differences.ts";
import type { AdjustPlan, Pools } from "./plan.ts";
import type { Runtime } from "./runtime.ts";
import { RuntimeSession } from "./runtime-session.ts";
import { answerMs, type CommandSocket, type Failure, sendCommand } from "./send-command.ts";
import { parseInfo, type WorkerInfo } from "./show-info.ts";
import { parseCounters, showServers } from "./show-stat.ts";

/** A session with the current worker. */
interface Connected {
  readonly session: RuntimeSession;
  readonly info: WorkerInfo;
}

/** Changes the servers of a running worker without a reload, as long as it is the worker that loaded our files. */
export class LiveServers {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  /** The worker that was verified to have loaded the files. Any other worker may have loaded something else. */
  #verified: WorkerInfo | undefined;
  /** The settings of the disabled servers that are not deleted yet, by `pool/server`: they may be enabled again. */
  #pendingDeletion: ReadonlyMap<string, string> = new Map();

  constructor(runtime: Runtime, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
  }

  /**
   * Gives the worker the desired servers, and verifies that it is still the one that accepts new connections. Compares `pools` of
   * them with those of the worker: all, unless only the touched ones are to be looked at.
   */
  async adjust(
    { loaded, desired }: AdjustPlan,
    signal: AbortSignal,
    pools = desired,
  ): Promise<Adjusted | Failure> {
    const settingsOf: SettingsOf = (pool, server) =>
      loaded.get(pool)?.get(server)?.settings ?? this.#pendingDeletion.get(`${pool}/${server}`);
    const connected = await this.#connect(signal);
    if ("reason" in connected) return connected;
    using session = connected.session;
    if (!isSame(connected.info, this.#verified)) return { reason: "another worker had taken over" };
    const converged = await converge(session, pools, settingsOf, signal);
    if ("reason" in converged) return converged;
    const now = await this.#runtime.worker(signal);
    if ("reason" in now) return now;
    if (now.pid !== connected.info.pid) {
      return { reason: "another worker has taken over meanwhile" };
    }
    this.#keepPending(converged.pendingDeletion, pools, settingsOf);
    return converged;
  }

  /** Remembers the settings of the servers that are not deleted yet; those of other pools are still not. */
  #keepPending(servers: readonly string[], pools: Pools, settingsOf: SettingsOf): void {
    const others = [...this.#pendingDeletion].filter(([key]) => !pools.has(poolOf(key)));
    const now = servers.map((key): [string, string] => {
      const pool = poolOf(key);
      return [key, settingsOf(pool, key.slice(pool.length + 1)) ?? ""];
    });
    this.#pendingDeletion = new Map([...others, ...now]);
  }

  /** To be called before a reload: from then on it is unknown which worker has loaded which files. */
  invalidate(): void {
    this.#verified = undefined;
    this.#pendingDeletion = new Map();
  }

  /** To be called after a verified reload: the current worker has loaded the files. */
  async recordWorker(signal: AbortSignal): Promise<void> {
    const connected = await this.#connect(signal);
    if ("reason" in connected) return;
    using _ = connected.session;
    this.#verified = connected.info;
  }

  /** The process id of the verified worker, as haproxy reports it: in a container it is another one than outside. */
  get worker(): number | undefined {
    return this.#verified?.pid;
  }

  /** Whether the verified worker answers, and accepts new connections. One question, which costs less than `observe`. */
  async isServing(socket: CommandSocket, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(socket, "show info", signal);
    const info = answer === undefined ? undefined : parseInfo(answer);
    return info !== undefined && isSame(info, this.#verified) && !info.stopping;
  }

  /** The answer of the verified worker to one question; undefined if there is none at this moment. */
  async #ask(
    socket: CommandSocket,
    question: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const verified = this.#verified;
    if (!verified) return undefined;
    const command = this.#runtime.isMaster ? `@!${verified.pid} ${question}` : question;
    try {
      const answer = await sendCommand(socket, command, answerMs, this.#clock, signal);
      return "text" in answer ? answer.text : undefined;
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      return undefined;
    }
  }

  /** What the verified worker has counted of its servers; empty if it cannot be asked at this moment. One question. */
  async counters(socket: CommandSocket, signal: AbortSignal): Promise<readonly ServerCounters[]> {
    const answer = await this.#ask(socket, showServers, signal);
    return answer === undefined ? [] : parseCounters(answer);
  }

  /**
   * Compares the worker that accepts new connections with the verified one, and its servers with these pools. Undefined if
   * the servers cannot be read at this moment.
   */
  async observe(desired: Pools, signal: AbortSignal): Promise<Observed | undefined> {
    const connected = await this.#connect(signal);
    if ("reason" in connected) return { state: "down", why: connected.reason };
    using session = connected.session;
    if (!this.#verified) return { state: "serving" };
    if (!isSame(connected.info, this.#verified)) return { state: "replaced" };
    const running = await readState(session, desired, signal);
    if ("reason" in running) return undefined;
    const found = describeDifferences(desired, running.pools);
    return found.length === 0 ? { state: "serving" } : { state: "changed", why: listed(found) };
  }

  /**
   * Why commands could not give the worker that runs now the desired servers, if it had loaded the files: empty if they could.
   * Reads its state, and changes nothing.
   */
  async conflicts(
    { loaded, desired }: AdjustPlan,
    signal: AbortSignal,
  ): Promise<readonly string[] | Failure> {
    const connected = await this.#connect(signal);
    if ("reason" in connected) return connected;
    using session = connected.session;
    const running = await readState(session, desired, signal);
    if ("reason" in running) return [running.reason];
    const settingsOf: SettingsOf = (pool, server) => loaded.get(pool)?.get(server)?.settings;
    return differences(desired, running.pools, settingsOf).conflicts;
  }

  async #connect(signal: AbortSignal): Promise<Connected | Failure> {
    const { path, isMaster } = this.#runtime;
    const worker = await this.#runtime.worker(signal);
    if ("reason" in worker) return worker;
    const session = new RuntimeSession(path, this.#clock);
    const info = await startSession(session, isMaster ? worker.pid : undefined, signal);
    if (info?.pid === worker.pid && !info.stopping) return { session, info };
    session[Symbol.dispose]();
    return { reason: `${path} does not answer like a worker` };
  }
}

/** The pool of `pool/server`. */
function poolOf(server: string): string {
  return server.slice(0, server.indexOf("/"));
}

async function startSession(
  session: RuntimeSession,
  worker: number | undefined,
  signal: AbortSignal,
): Promise<WorkerInfo | undefined> {
  if ((await session.start(worker, signal)) !== undefined) return undefined;
  const answers = await session.execute(["show info"], signal);
  return typeof answers === "string" ? undefined : parseInfo(answers[0] ?? "");
}

/** A process id alone may have been reused, as in a container that was restarted. */
function isSame(a: WorkerInfo, b: WorkerInfo | undefined): boolean {
  return a.pid === b?.pid && a.started === b.started;
}
