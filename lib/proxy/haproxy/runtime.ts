import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import type { CommandSocket } from "./send-command.ts";
import { showProc } from "./show-proc.ts";
import { currentWorker, type Worker } from "./worker.ts";

/** The socket through which the servers of the current worker are changed at run time. */
export interface Runtime {
  readonly path: string;
  /** Whether it is the master's socket, on which each session has to select a worker. */
  readonly isMaster: boolean;
  /** Finds the worker that accepts new connections, on a connection of its own. */
  worker(signal: AbortSignal): Promise<Worker>;
}

/** While the master restarts it does not answer, so that a reload by another client is always noticed. */
export function runtimeOfMaster(master: CommandSocket, clock: Clock): Runtime {
  const worker = async (signal: AbortSignal): Promise<Worker> => {
    const found = await showProc(master, clock, signal);
    if ("reason" in found) return found;
    const { worker: pid } = found;
    return pid === undefined ? { reason: `${master.path} reports no worker` } : { pid };
  };
  return {
    get path() {
      return master.path;
    },
    isMaster: true,
    worker: catchFaults(worker),
  };
}

/** A reload by another client is noticed once the new worker has taken over the socket. */
export function runtimeOfStatsSocket(socket: CommandSocket, clock: Clock): Runtime {
  const worker = (signal: AbortSignal) => currentWorker(socket, { clock }, signal);
  return { path: socket.path, isMaster: false, worker: catchFaults(worker) };
}

/** A missing or forbidden socket is no fault here: haproxy can still be reloaded in another way. */
function catchFaults(worker: Runtime["worker"]): Runtime["worker"] {
  return async (signal) => {
    try {
      return await worker(signal);
    } catch (error) {
      if (error instanceof Fault) return { reason: error.message };
      throw error;
    }
  };
}
