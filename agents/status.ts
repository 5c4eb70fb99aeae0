import type { LoopFacts, PresenceFacts, StatusReport, WatchFacts } from "../lib/status/contract.ts";
import { type Moment, report } from "../lib/status/report.ts";

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
  readonly startedMs: number;
  /** The URL of the keyspace without credentials. */
  readonly url: string;
  readonly isShuttingDown: boolean;
}

/** The report of all agents of this process at a moment. */
export function reportOf(
  { version, pid, startedMs, url, isShuttingDown }: ProcessFacts,
  agents: readonly AgentFacts[],
  moment: Moment,
): StatusReport {
  const keyspaceLoops = agents.flatMap((agent) => agent.keyspaceLoops);
  const facts = {
    ...{ version, pid, startedMs, isShuttingDown },
    keyspace: { url, loops: keyspaceLoops },
    loops: agents.flatMap(({ loops }) => loops),
    presence: agents.find(({ presence }) => presence)?.presence,
    watch: agents.find(({ watch }) => watch)?.watch,
  };
  return report(facts, moment);
}
