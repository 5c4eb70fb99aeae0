/** A worker, as `show info` reports it. */
export interface WorkerInfo {
  readonly pid: number;
  /** The time of its start, as reported. */
  readonly started: string;
  /** Whether it accepts no new connections, and ends once its connections are closed. */
  readonly stopping: boolean;
}

/** Parses the answer to `show info`; undefined if it is something else. */
export function parseInfo(answer: string): WorkerInfo | undefined {
  const pid = /^Pid: (\d+)$/m.exec(answer)?.[1];
  const started = /^Start_time_sec: (\d+)$/m.exec(answer)?.[1] ?? "";
  return pid === undefined
    ? undefined
    : { pid: Number(pid), started, stopping: !/^Stopping: 0$/m.test(answer) };
}
