/** What a worker says of itself in answer to `show info`. */
export interface Info {
  readonly pid: number;
  /** When it was started, as it puts it. */
  readonly started: string;
  /** It takes no new connections: it finishes those it has, and ends. */
  readonly stopping: boolean;
}

/** Reads the answer to `show info`; undefined when it is none. */
export function parseInfo(answer: string): Info | undefined {
  const pid = /^Pid: (\d+)$/m.exec(answer)?.[1];
  const started = /^Start_time_sec: (\d+)$/m.exec(answer)?.[1] ?? "";
  return pid === undefined
    ? undefined
    : { pid: Number(pid), started, stopping: !/^Stopping: 0$/m.test(answer) };
}
