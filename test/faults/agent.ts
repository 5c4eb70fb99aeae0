import { readdir, readFile } from "node:fs/promises";
import { main } from "../real/sidekick.ts";
import { events, type LogEvent } from "../support/log-events.ts";
import { start } from "../support/process.ts";
import type { Host } from "./network.ts";
import type { Scope } from "./world.ts";

/** A sidekick under test, in a process of its own on a host of its own. */
export interface Agent {
  readonly host: Host;
  readonly pid: number;
  /** The lines of its log so far. */
  events(): readonly LogEvent[];
  /** Sends a signal. SIGTERM and SIGKILL also wait until the process has ended. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Its current memory in MB and its open files. Rejects if it has ended. */
  cost(): Promise<Cost>;
  output(): string;
}

export interface Cost {
  readonly rssMb: number;
  readonly files: number;
}

/** A small heap, in which a leak shows as growth: by default V8 takes more memory than it needs, and keeps it. */
const smallHeap = { NODE_OPTIONS: "--max-old-space-size=64 --max-semi-space-size=2" };

/** Starts the built program on a host. */
export function startAgent(
  scope: Scope,
  host: Host,
  args: readonly string[],
  env: Record<string, string> = {},
): Agent {
  const running = start(scope, host.on([...main, ...args]), { env: { ...smallHeap, ...env } });
  return {
    host,
    pid: running.pid,
    events: () => events(running),
    signal: async (name) => {
      if (name === "SIGTERM" || name === "SIGKILL") await running.stop(name);
      else process.kill(running.pid, name);
    },
    cost: async () => await costOf(running.pid),
    output: running.output,
  };
}

async function costOf(pid: number): Promise<Cost> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const files = await readdir(`/proc/${pid}/fd`);
  return { rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, files: files.length };
}
