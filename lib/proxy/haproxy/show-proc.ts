import type { Clock } from "../../base/clock.ts";
import { answerMs, type CommandSocket, type Failure, sendCommand } from "./send-command.ts";

/** The master and its workers, as `show proc` reports them. */
export interface MasterProcesses {
  /** The number of attempted reloads since the master started. */
  readonly reloads: number;
  /** The number of failed reloads since the last successful one. */
  readonly failed: number;
  /** The process id of the worker that accepts new connections; undefined if there is none. */
  readonly worker: number | undefined;
}

/** Queries the master. Throws the faults of `sendCommand`. */
export async function showProc(
  master: CommandSocket,
  clock: Clock,
  signal: AbortSignal,
): Promise<MasterProcesses | Failure> {
  const answer = await sendCommand(master, "show proc", answerMs, clock, signal);
  if ("reason" in answer) return answer;
  return parseProcesses(answer.text) ?? { reason: `${master.path} does not answer like a master` };
}

/** Parses the answer to `show proc`; undefined if it is something else, as while the master restarts. */
export function parseProcesses(answer: string): MasterProcesses | undefined {
  const master = /^\d+\s+master\s+(\d+)(?:\s+\[failed: (\d+)\])?/m.exec(answer);
  if (!master) return undefined;
  const current = answer.split(/^# old workers/m)[0] ?? "";
  const worker = /^(\d+)\s+worker\s/m.exec(current)?.[1];
  return {
    reloads: Number(master[1]),
    failed: Number(master[2] ?? 0),
    worker: worker === undefined ? undefined : Number(worker),
  };
}
