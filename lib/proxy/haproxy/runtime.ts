import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import { ask, type Socket } from "./ask.ts";
import { parseProcesses } from "./show-proc.ts";
import { type Worker, workerAt } from "./worker.ts";

/** Where the worker that takes new connections can be told of servers. */
export interface Runtime {
  readonly path: string;
  /** Whether the socket is the master's, where a worker has to be called first. */
  readonly isMaster: boolean;
  /** Who takes new connections, asked on a connection of its own. */
  worker(signal: AbortSignal): Promise<Worker>;
}

const answerMs = 1000;

/** While the master starts anew it does not answer, so that a reload by anybody else is always noticed. */
export function throughMaster(master: Socket, clock: Clock): Runtime {
  const worker = async (signal: AbortSignal): Promise<Worker> => {
    const answer = await ask(master, "show proc", answerMs, clock, signal);
    if ("why" in answer) return answer;
    const pid = parseProcesses(answer.text)?.worker;
    return pid === undefined ? { why: `${master.path} names no worker` } : { pid };
  };
  return { path: master.path, isMaster: true, worker: orWhy(worker) };
}

/** A reload by somebody else is noticed once the new worker has taken the socket over. */
export function atStatsSocket(socket: Socket, clock: Clock): Runtime {
  const worker = (signal: AbortSignal) => workerAt(socket, { clock }, signal);
  return { path: socket.path, isMaster: false, worker: orWhy(worker) };
}

/** That there is no socket for us is a finding here: there are other ways. */
function orWhy(worker: Runtime["worker"]): Runtime["worker"] {
  return async (signal) => {
    try {
      return await worker(signal);
    } catch (error) {
      if (error instanceof Fault) return { why: error.message };
      throw error;
    }
  };
}
