import type { Facts, LoopFacts, PresenceFacts, WatchFacts } from "../lib/status/facts.ts";

/** The status of one agent. */
export interface AgentFacts {
  readonly loops: readonly LoopFacts[];
  /** The loops that detect whether the keyspace is reachable. */
  readonly keyspaceLoops: readonly LoopFacts[];
  readonly presence?: PresenceFacts;
  readonly watch?: WatchFacts;
}

/** The process that runs the agents. */
export interface ProcessFacts {
  readonly version: string;
  readonly pid: number;
  /** The files of the configuration, as absolute paths. */
  readonly configuration: readonly string[];
  readonly startedMs: number;
  /** The URL of the keyspace without credentials. */
  readonly url: string;
  readonly isShuttingDown: boolean;
}

/** The facts of all agents of this process. */
export function factsOf({ url, ...process }: ProcessFacts, agents: readonly AgentFacts[]): Facts {
  return {
    ...process,
    keyspace: { url, loops: agents.flatMap(({ keyspaceLoops }) => keyspaceLoops) },
    loops: agents.flatMap(({ loops }) => loops),
    presence: agents.find(({ presence }) => presence)?.presence,
    watch: agents.find(({ watch }) => watch)?.watch,
  };
}
