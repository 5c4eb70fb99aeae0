import type { Clock } from "../lib/base/clock.ts";
import type { Log } from "../lib/base/log.ts";
import type { Mounts } from "../lib/keyspace/mounts/mounts.ts";
import type { RenderDeps } from "../lib/render/template-file.ts";
import type { StatusEnvironment } from "../lib/status/paths.ts";
import type { ExecDeps } from "./exec/agent.ts";

/** The parts of the process that the agents use. */
export interface AgentsDeps extends RenderDeps, StatusEnvironment {
  readonly mounts: Mounts;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly version: string;
  readonly hostName: string;
  readonly pid: number;
  /** What only a process with a program of its own needs. */
  readonly isInteractive: ExecDeps["isInteractive"];
  readonly onExit: ExecDeps["onExit"];
  readonly onForwarded: ExecDeps["onForwarded"];
}
