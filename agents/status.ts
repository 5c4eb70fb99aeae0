import type {
  Facts,
  LoopFacts,
  MountFacts,
  PresenceFacts,
  WatchFacts,
} from "../lib/status/facts.ts";

/** The status of one agent. */
export interface AgentFacts {
  readonly loops: readonly LoopFacts[];
  /** The loops that detect whether the keyspace is reachable. */
  readonly keyspaceLoops: readonly LoopFacts[];
  /** The mounted keyspaces that it uses. */
  readonly mounts?: readonly MountFacts[];
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
  const mounts = mergedMounts(agents.flatMap((agent) => agent.mounts ?? []));
  return {
    ...process,
    keyspace: { url, loops: agents.flatMap(({ keyspaceLoops }) => keyspaceLoops) },
    ...(mounts.length > 0 && { mounts }),
    loops: agents.flatMap(({ loops }) => loops),
    presence: agents.find(({ presence }) => presence)?.presence,
    watch: agents.find(({ watch }) => watch)?.watch,
  };
}

/** Each keyspace once, with the loops of all agents that use it. */
function mergedMounts(mounts: readonly MountFacts[]): readonly MountFacts[] {
  const byFolder = Map.groupBy(mounts, ({ folder }) => folder);
  return Array.from(byFolder, ([folder, same]) => {
    const [{ url } = { url: "" }] = same;
    return { folder, url, loops: same.flatMap(({ loops }) => loops) };
  });
}
