import { type ChildProcess, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";
import { systemCode } from "./fault.ts";
import { abortable, never } from "./signal.ts";
import { withTimeout } from "./timeout.ts";

/** How a command is run. `argv` is the program and its arguments: no shell is involved. */
export interface Command {
  readonly argv: readonly string[];
  /** How long it may take before its whole process group is ended. */
  readonly timeoutMs: number;
  readonly cwd?: string;
}

/** How a command ended. A failure is a finding here: the caller decides whether it is a fault. */
export interface Finished {
  readonly ok: boolean;
  /** Exit code; undefined when a signal ended it or it could not be started. */
  readonly code: number | undefined;
  /** What it printed, standard output and standard error as they came; the last 64 Ki characters. */
  readonly output: string;
  /** In words: `exit code 2`, `not done after 500ms`, `cannot be started: …`. */
  readonly how: string;
}

const keptLength = 64 * 1024;

/** How long a command may take to leave after SIGTERM before it is killed. */
const graceMs = 1000;

/** Runs a command in a process group of its own; at the time limit, or on abort, the group is ended. */
export async function run(command: Command, clock: Clock, signal: AbortSignal): Promise<Finished> {
  signal.throwIfAborted();
  const [program = "", ...args] = command.argv;
  const child = start(program, args, command.cwd);
  if (child instanceof Error) {
    return { ok: false, code: undefined, output: "", how: cannotStart(child) };
  }
  let output = "";
  const keep = (text: string) => {
    output = (output + text).slice(-keptLength);
  };
  child.stdout?.setEncoding("utf8").on("data", keep);
  child.stderr?.setEncoding("utf8").on("data", keep);
  const ended = new Promise<Ending>((resolve) => {
    child.once("error", (error) => resolve({ how: cannotStart(error) }));
    child.once("exit", (code, by) =>
      resolve(code === null ? { how: `ended by ${by}` } : { code, how: `exit code ${code}` }),
    );
  });
  const drained = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    const ending = await settledWithin(command.timeoutMs, ended, clock, signal);
    if (!ending) {
      await endGroup(child.pid, ended, clock);
      const how = `not done after ${formatDuration(command.timeoutMs)}`;
      return { ok: false, code: undefined, output, how };
    }
    // A grandchild may hold the pipes open for ever: what it prints is not waited for.
    await settledWithin(100, drained, clock, signal);
    return { ok: ending.code === 0, code: ending.code, output, how: ending.how };
  } catch (error) {
    await endGroup(child.pid, ended, clock);
    throw error;
  } finally {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/**
 * Short of memory or of room for the arguments, `spawn` throws where it otherwise emits an error; short
 * of file descriptors it returns a child without pipes.
 */
function start(
  program: string,
  args: readonly string[],
  cwd: string | undefined,
): ChildProcess | Error {
  try {
    return spawn(program, args, { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (error instanceof Error && systemCode(error) !== undefined) return error;
    throw error;
  }
}

function cannotStart(error: Error): string {
  return `cannot be started: ${error.message}`;
}

/** Takes out of a printed line what differs between two runs that fail alike, such as a process id. */
export type CleanLine = (line: string) => string;

const asIs: CleanLine = (line) => line;

/** How a command failed, with the last lines that it printed, in one line: `exit code 1: … | …`. */
export function complaint({ how, output }: Finished, clean = asIs): string {
  const words = lastLines(output, clean).join(" | ");
  return words ? `${how}: ${words}` : how;
}

/**
 * The last five lines that are not empty, without control characters and without a time at their start: the same
 * failure gives the same text, which is how a repeated fault is recognized. `clean` is applied to each line after that.
 */
export function lastLines(text: string, clean = asIs): readonly string[] {
  const lines = stripVTControlCharacters(text)
    .split("\n")
    .map((line) =>
      clean(
        line
          .replace(/\p{Cc}/gu, " ")
          .trim()
          .replace(time, ""),
      ),
    );
  return lines.filter((line) => line !== "").slice(-5);
}

const time = /^\d{4}[/-]\d\d[/-]\d\d[ T]\d\d:\d\d:\d\d\S* /;

interface Ending {
  readonly code?: number;
  readonly how: string;
}

/** The value of `event`, or undefined once `limitMs` have passed. */
async function settledWithin<T>(
  limitMs: number,
  event: Promise<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  const wait = (s: AbortSignal) => abortable(event, s);
  return await withTimeout(limitMs, wait, () => undefined, clock, signal);
}

async function endGroup(
  pid: number | undefined,
  ended: Promise<unknown>,
  clock: Clock,
): Promise<void> {
  kill(pid, "SIGTERM");
  await settledWithin(graceMs, ended, clock, never);
  kill(pid, "SIGKILL");
  await ended;
}

/** Signals a whole process group; that it is gone already is fine. */
function kill(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // ESRCH: the group has ended by itself
  }
}
