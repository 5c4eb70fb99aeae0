import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { Clock } from "./clock.ts";
import { discardOutput } from "./discard-output.ts";
import { formatDuration } from "./duration.ts";
import { systemCode } from "./fault.ts";
import { shortageIn, shortageInOutput } from "./shortage.ts";
import { abortable, never } from "./signal.ts";
import { withTimeout } from "./timeout.ts";

/** A command to run. `argv` is the program and its arguments: no shell is involved. */
export interface Command {
  readonly argv: readonly string[];
  /** Milliseconds after which its whole process group is terminated. */
  readonly timeoutMs: number;
  readonly cwd?: string;
}

/** The result of a command. A failure is reported, not thrown: the caller decides whether it is a fault. */
export interface Finished {
  readonly ok: boolean;
  /** Exit code; undefined if it was killed by a signal, timed out or could not be started. */
  readonly code: number | undefined;
  /** Standard output and standard error in order of arrival; the last 64 Ki characters. */
  readonly output: string;
  /** How it ended, for messages: `exit code 2`, `timed out after 500ms`, `cannot be started: …`. */
  readonly how: string;
  /** The resource that this process lacked, if that is why the command could not run. */
  readonly shortage?: string;
}

const keptLength = 64 * 1024;

/** Milliseconds between SIGTERM and SIGKILL. */
const graceMs = 1000;

/** Milliseconds from the end of a command until its pipes are closed, unless it has left a program behind. */
const pipesMs = 100;

/**
 * Runs a command in a process group of its own, which is terminated at the time limit or on abort. A program that the command
 * leaves behind goes on, and its further output is discarded. Rejects only with the signal's reason.
 */
export async function run(command: Command, clock: Clock, signal: AbortSignal): Promise<Finished> {
  signal.throwIfAborted();
  const [program = "", ...args] = command.argv;
  const child = start(program, args, command.cwd);
  if (child instanceof Error) {
    return { ok: false, code: undefined, output: "", ...startFailure(child) };
  }
  let output = "";
  const keep = (text: string) => {
    output = (output + text).slice(-keptLength);
  };
  child.stdout?.setEncoding("utf8").on("data", keep);
  child.stderr?.setEncoding("utf8").on("data", keep);
  const ended = new Promise<Ending>((resolve) => {
    child.once("error", (error) => resolve(startFailure(error)));
    child.once("exit", (code, by) =>
      resolve(code === null ? { how: `killed by ${by}` } : { code, how: `exit code ${code}` }),
    );
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    const ending = await settledWithin(command.timeoutMs, ended, clock, signal);
    if (!ending) {
      await terminateGroup(child.pid, ended, clock);
      await settledWithin(pipesMs, closed, clock, signal);
      const how = `timed out after ${formatDuration(command.timeoutMs)}`;
      return { ok: false, code: undefined, output, how };
    }
    // A program that is left behind may keep the pipes open indefinitely: its output is not waited for.
    await settledWithin(pipesMs, closed, clock, signal);
    const ok = ending.code === 0;
    const shortage = ending.shortage ?? (ok ? undefined : shortageInOutput(output));
    const finished = { ok, code: ending.code, output, how: ending.how };
    return shortage === undefined ? finished : { ...finished, shortage };
  } catch (error) {
    await terminateGroup(child.pid, ended, clock);
    throw error;
  } finally {
    for (const output of [child.stdout, child.stderr]) if (output) release(output);
  }
}

/**
 * `spawn` usually emits an error, but throws if memory or space for the arguments runs out. Without free file
 * descriptors it returns a child that has no pipes.
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

function startFailure(error: Error): Ending {
  const how = `cannot be started: ${error.message}`;
  const shortage = shortageIn(error);
  return shortage === undefined ? { how } : { how, shortage };
}

/** Removes from a printed line the parts that differ between runs with the same failure, such as a process id. */
export type CleanLine = (line: string) => string;

const unchanged: CleanLine = (line) => line;

/** Describes a failed command on one line, with the last lines that it printed: `exit code 1: … | …`. */
export function failureSummary({ how, output }: Finished, clean = unchanged): string {
  const lines = lastLines(output, clean).join(" | ");
  return lines ? `${how}: ${lines}` : how;
}

/** The last five of the printed lines. */
export function lastLines(text: string, clean = unchanged): readonly string[] {
  return printedLines(text, clean).slice(-5);
}

/**
 * The non-empty lines, without control characters and leading timestamps: the same failure then gives the same
 * text, by which a repeated fault is recognized. `clean` is applied to each line after that.
 */
export function printedLines(text: string, clean = unchanged): readonly string[] {
  const lines = stripVTControlCharacters(text)
    .split("\n")
    .map((line) =>
      clean(
        line
          .replace(/\p{Cc}/gu, " ")
          .trim()
          .replace(timestamp, ""),
      ),
    );
  return lines.filter((line) => line !== "");
}

const timestamp = /^\d{4}[/-]\d\d[/-]\d\d[ T]\d\d:\d\d:\d\d\S* /;

interface Ending {
  readonly code?: number;
  readonly how: string;
  readonly shortage?: string;
}

/** The value of `event`, or undefined after `limitMs` milliseconds. */
async function settledWithin<T>(
  limitMs: number,
  event: Promise<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  const wait = (s: AbortSignal) => abortable(event, s);
  return await withTimeout(limitMs, wait, () => undefined, clock, signal);
}

async function terminateGroup(
  pid: number | undefined,
  ended: Promise<unknown>,
  clock: Clock,
): Promise<void> {
  kill(pid, "SIGTERM");
  await settledWithin(graceMs, ended, clock, never);
  kill(pid, "SIGKILL");
  await ended;
}

function release(output: Readable): void {
  if (output.readableEnded || output.destroyed) output.destroy();
  else discardOutput(output);
}

/** Signals a whole process group, which may have exited already. */
function kill(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // ESRCH: the group has exited
  }
}
