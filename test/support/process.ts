import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Ending } from "./ending.ts";

/**
 * How long a test waits, in milliseconds, before it calls what it waits for hung. A limit is there to end a hang, not
 * to measure: it costs nothing while all is well, and has to hold on a machine that has much else to do.
 */
export const hangMs = 180_000;

export interface StartOptions {
  readonly cwd?: string | undefined;
  /** Set besides the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that a test started, and what it has printed so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output and standard error as they came: to be shown, and to look for words in. */
  output(): string;
  /** Standard output alone, for what is parsed: anything may warn on standard error. */
  stdout(): string;
  /** Standard error alone, which a sidekick logs to. */
  stderr(): string;
  /** Sends SIGTERM (or another signal) and resolves with the exit code, null where a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code once it has ended by itself. */
  readonly ended: Promise<number | null>;
}

/** Starts a program in a process group of its own; the group is killed when the test is over. */
export function start(
  t: Pick<TestContext, "after">,
  argv: readonly string[],
  options: StartOptions = {},
): Running {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
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
 * Has `end` done when the test is over: of all that is registered here the last comes first, and each is done though
 * another one fails. The runner begins with the first and stops where one fails: a folder would go before the program
 * that writes to it, and that one would never be ended.
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

/** How a program ended, and what it printed. */
export interface Ran {
  /** Null where a signal ended it, or where it could not be started. */
  readonly code: number | null;
  /** Standard output alone. */
  readonly stdout: string;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

/** Runs a program to its end; rejects where it hangs. */
export async function ran(argv: readonly string[], options: StartOptions = {}): Promise<Ran> {
  await using scope = new Ending();
  const running = start(scope, argv, options);
  const code = await orHangs(argv.join(" "), running.ended);
  return { code, stdout: running.stdout(), output: running.output() };
}

/**
 * Runs a program to its end and resolves with its standard output; rejects unless it succeeds, and then with all that
 * it printed.
 */
export async function outputOf(
  argv: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const { code, stdout, output } = await ran(argv, options);
  if (code !== 0) throw new Error(`${argv.join(" ")}: exit code ${code}\n${output}`);
  return stdout;
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
  atEnd(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes a file that everybody may read, such as the user of a container, whatever our umask is. */
export async function writeForAll(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}

/** Asks until the answer is neither undefined nor false nor an error; says what it waited for at the limit. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = hangMs,
): Promise<T> {
  return await until(what, ask, (passedMs) => passedMs > limitMs);
}

/** As `eventually`, but within a time that is promised for a machine with nothing else to do. */
export async function promised<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs: number,
): Promise<T> {
  return await until(what, ask, (passedMs) => !isWithin(passedMs, limitMs));
}

/** Whether a time is within a promise, which is one for a machine with nothing else to do. */
export function isWithin(tookMs: number, limitMs: number): boolean {
  return tookMs <= limitMs || tookMs <= limitMs * slowness();
}

/**
 * A limit that has to be short while all is well, such as that of a call which a server that is cut off never answers:
 * as many times longer as the machine is busy.
 */
export function stretched(limitMs: number): number {
  const nowMs = performance.now();
  if (nowMs - lately.atMs > 2000) lately = { atMs: nowMs, slowness: slowness() };
  return Math.ceil(limitMs * lately.slowness);
}

let lately = { atMs: Number.NEGATIVE_INFINITY, slowness: 1 };

/** How many times longer than alone a computation takes now, for others compute as well: at least 1. */
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
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  isOver: (passedMs: number) => boolean,
): Promise<T> {
  const startMs = performance.now();
  let last: unknown;
  for (;;) {
    const askedMs = performance.now();
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    const nowMs = performance.now();
    if (isOver(nowMs - startMs)) {
      const passedMs = Math.round(nowMs - startMs);
      throw new Error(`${what}: not so after ${passedMs} ms (last: ${String(last)})`);
    }
    // What is costly to ask, such as another program, is not asked all the time.
    await delay(Math.min(Math.max(5, nowMs - askedMs), 200));
  }
}

async function orHangs<T>(what: string, event: Promise<T>): Promise<T> {
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
