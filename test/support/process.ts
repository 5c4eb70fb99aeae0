import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { CleanupScope } from "./cleanup-scope.ts";

/**
 * How long a test waits for an effect before it fails, in milliseconds. The limit only ends hangs: it costs nothing if
 * the test passes, and has to be long enough for a machine under load.
 */
export const hangMs = 180_000;

export interface StartOptions {
  readonly cwd?: string | undefined;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it as another user and group, which only root may. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A running program and its output so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output and standard error, interleaved: for diagnostics and searches. */
  output(): string;
  /** Standard output only. Output that is parsed comes from here, since any program may print warnings to standard error. */
  stdout(): string;
  /** Standard error only, which is the log of a sidekick. */
  stderr(): string;
  /** Sends a signal, by default SIGTERM. Resolves with the exit code; null if a signal ended the program. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code when the program ends. */
  readonly ended: Promise<number | null>;
}

/** Starts a program in a process group of its own. The group is killed at the end of the test. */
export function start(
  t: Pick<TestContext, "after">,
  argv: readonly string[],
  options: StartOptions = {},
): Running {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    ...options,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [printed, stdout, stderr] = ["", "", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      printed += `cannot start ${argv.join(" ")}: ${error.message}\n`;
      resolve(null);
    });
    child.once("close", resolve);
  });
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group has ended already.
    }
  };
  atEnd(t, async () => {
    kill("SIGKILL");
    await ended;
  });
  return {
    child,
    pid: child.pid ?? -1,
    output: () => printed,
    stdout: () => stdout,
    stderr: () => stderr,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return await ended;
    },
    ended,
  };
}

/**
 * Registers `end` for the end of the test. The steps run in reverse order, each even if another fails: the runner's own
 * `after` runs them in order and stops at the first failure, so that a folder would be removed before the program that
 * writes to it has ended.
 */
export function atEnd(t: Pick<TestContext, "after">, end: () => unknown): void {
  const known = ends.get(t);
  if (known) return void known.push(end);
  const all = [end];
  ends.set(t, all);
  t.after(async () => {
    const failures: unknown[] = [];
    for (const one of all.reverse()) {
      try {
        await one();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  });
}

const ends = new WeakMap<object, (() => unknown)[]>();

/** The exit code and the output of a program. */
export interface RunResult {
  /** Null if a signal ended the program or it could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
}

/** Runs a program to its end. Rejects if it takes longer than `hangMs`. */
export async function run(argv: readonly string[], options: StartOptions = {}): Promise<RunResult> {
  await using scope = new CleanupScope();
  const running = start(scope, argv, options);
  const code = await withinLimit(argv.join(" "), running.ended);
  const [stdout, stderr, output] = [running.stdout(), running.stderr(), running.output()];
  return { code, stdout, stderr, output };
}

/**
 * Runs a program to its end and resolves with its standard output. Rejects with its complete output if the exit code is
 * not 0.
 */
export async function outputOf(
  argv: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const { code, stdout, output } = await run(argv, options);
  if (code !== 0) throw new Error(`${argv.join(" ")}: exit code ${code}\n${output}`);
  return stdout;
}

/** Sends SIGSTOP and waits until all threads of the process are stopped: the signal alone only starts that. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await eventually(`process ${pid} is stopped`, async () => {
    const threads = await readdir(`/proc/${pid}/task`);
    const stats = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, "utf8"));
    return (await Promise.all(stats)).every((stat) => /\) [tT] [^)]*$/.test(stat));
  });
}

/** The process ids of the children of a process. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

/** The lowest port that the system gives to connections: one below is not taken before the test listens there. */
const [lowestGivenPort = 32_768] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
  .split("\t")
  .map(Number);

/** A port on which no process listens at the moment, and which the system gives to no other. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(Math.ceil(lowestGivenPort / 3), lowestGivenPort);
    if (await isFree(port)) return port;
  }
}

/** Whether a port can be listened on, at all addresses. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A folder that is removed at the end of the test. */
export async function throwAwayFolder(t: Pick<TestContext, "after">): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-test-"));
  atEnd(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes a file that every user may read, such as the user of a container, regardless of the umask. */
export async function writeForAll(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}

/** Polls until the result is neither undefined nor false nor an error. Rejects with `what` at the limit. */
export async function eventually<T>(
  what: string,
  poll: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = hangMs,
): Promise<T> {
  return await until(what, poll, (passedMs) => passedMs > limitMs);
}

/** Like `eventually`, but within a time that the program guarantees on an idle machine. */
export async function promised<T>(
  what: string,
  poll: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs: number,
): Promise<T> {
  return await until(what, poll, (passedMs) => !isWithin(passedMs, limitMs));
}

/** Whether a time is within a limit that is guaranteed on an idle machine. */
export function isWithin(tookMs: number, limitMs: number): boolean {
  return tookMs <= limitMs || tookMs <= limitMs * slowness();
}

/**
 * A limit that has to be short on an idle machine, such as that of a call which an unreachable server never answers,
 * multiplied by how busy the machine is.
 */
export function stretched(limitMs: number): number {
  const nowMs = performance.now();
  if (nowMs - lately.atMs > 2000) lately = { atMs: nowMs, slowness: slowness() };
  return Math.ceil(limitMs * lately.slowness);
}

/** The CPU time in milliseconds that this process needs for a computation, whatever else the machine does. */
export function cpuMsOf(compute: () => void): number {
  const before = process.cpuUsage();
  compute();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

let lately = { atMs: Number.NEGATIVE_INFINITY, slowness: 1 };

/** By which factor the load of the machine slows a computation down at the moment: at least 1. */
function slowness(): number {
  const [before, startMs] = [process.cpuUsage(), performance.now()];
  const usedMs = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  while (usedMs() < 15);
  return Math.max(1, (performance.now() - startMs) / usedMs());
}

async function until<T>(
  what: string,
  poll: () => Promise<T | undefined | false> | T | undefined | false,
  isOver: (passedMs: number) => boolean,
): Promise<T> {
  const startMs = performance.now();
  let last: unknown;
  for (;;) {
    const polledMs = performance.now();
    try {
      const result = await poll();
      if (result !== undefined && result !== false) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    const nowMs = performance.now();
    if (isOver(nowMs - startMs)) {
      const passedMs = Math.round(nowMs - startMs);
      throw new Error(`timed out after ${passedMs} ms: ${what} (last result: ${String(last)})`);
    }
    // An expensive poll, such as one that starts a program, runs for a third of the time at most, also on a busy machine.
    await delay(Math.min(Math.max(pauseMs(nowMs - startMs), 2 * (nowMs - polledMs)), 1000));
  }
}

/** Between two polls: polls that go on for long may notice the effect a little later, and leave the CPU to it. */
function pauseMs(passedMs: number): number {
  return Math.min(Math.max(5, passedMs / 20), 50);
}

async function withinLimit<T>(what: string, event: Promise<T>): Promise<T> {
  const over = new AbortController();
  const hangs = delay(hangMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${what}: still running after ${hangMs} ms`);
  });
  try {
    return await Promise.race([event, hangs]);
  } finally {
    over.abort();
    await hangs.catch(() => {});
  }
}
