import { readdir, readFile } from "node:fs/promises";
import { main } from "../real/sidekick.ts";
import { type Running, start } from "../support/process.ts";
import type { Host } from "./network.ts";
import type { Scope } from "./world.ts";

/** A sidekick under test, in a process of its own on a host of its own. */
export interface Agent {
  readonly host: Host;
  readonly pid: number;
  /** What it has logged so far, one object a line. */
  events(): readonly LogEvent[];
  /** Sends a signal; SIGTERM and SIGKILL also wait for the end. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** What it costs now: memory in MB, and open files. Rejects where it has ended. */
  cost(): Promise<Cost>;
  output(): string;
}

export interface LogEvent {
  readonly event: string;
  readonly message: string;
  readonly code?: string;
}

export interface Cost {
  readonly rssMb: number;
  readonly files: number;
}

/** With a small heap memory that is not let go shows as growth: otherwise V8 takes more than is needed, and keeps it. */
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
    events: () => eventsOf(running),
    signal: async (name) => {
      if (name === "SIGTERM" || name === "SIGKILL") await running.stop(name);
      else process.kill(running.pid, name);
    },
    cost: async () => await costOf(running.pid),
    output: running.output,
  };
}

function eventsOf({ stderr }: Running): readonly LogEvent[] {
  const lines = stderr().split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LogEvent);
}

async function costOf(pid: number): Promise<Cost> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const files = await readdir(`/proc/${pid}/fd`);
  return { rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, files: files.length };
}
