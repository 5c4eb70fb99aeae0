/** What the master says of itself and its workers in answer to `show proc`. */
export interface Processes {
  /** Reloads that were tried since the master started. */
  readonly reloads: number;
  /** How many of them failed since the last one that did not. */
  readonly failed: number;
  /** The worker that takes new connections; undefined when there is none. */
  readonly worker: number | undefined;
}

/** Reads the answer to `show proc`; undefined when it is none, as while the master starts anew. */
export function parseProcesses(answer: string): Processes | undefined {
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
