import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

/** A program that a test started, and what it has printed so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output and standard error as they came. */
  output(): string;
  /** Sends SIGTERM (or another signal) and resolves with the exit code, null where a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code once it has ended by itself. */
  readonly ended: Promise<number | null>;
}

/** Starts a program in a process group of its own; the group is killed when the test is over. */
export function start(
  t: Pick<TestContext, "after">,
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Running {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      printed += `${argv.join(" ")} cannot be started: ${error.message}\n`;
      resolve(null);
    });
    child.once("close", resolve);
  });
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // it has ended already
    }
  };
  t.after(async () => {
    kill("SIGKILL");
    await ended;
  });
  return {
    child,
    pid: child.pid ?? -1,
    output: () => printed,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return await ended;
    },
    ended,
  };
}

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was assigned");
  return address.port;
}

/** A folder that is removed when the test is over. */
export async function throwAwayFolder(t: Pick<TestContext, "after">): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-test-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Asks until the answer is neither undefined nor false nor an error; says what it waited for at the limit. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not so after ${limitMs} ms (last: ${String(last)})`);
    }
    await delay(5);
  }
}
