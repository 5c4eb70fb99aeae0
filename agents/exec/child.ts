import { spawn } from "node:child_process";
import { constants } from "node:os";
import { systemCode } from "../../lib/base/fault.ts";

/** How a program has ended. */
export interface Ended {
  /** As a shell has it: 128 and the number of a signal that has ended it; 127 or 126 if it could not be started. */
  readonly code: number;
  /** For messages: `exit code 2`, `killed by SIGTERM`. */
  readonly how: string;
}

/** A program that was started, and may have ended since. */
export interface Child {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  readonly ended: Promise<Ended>;
  /** Sends a signal to the program alone, if it runs still. */
  signal(name: NodeJS.Signals): void;
  /** Kills its process group at once: also what it has left behind when it ended. */
  kill(): void;
}

export interface ChildSettings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Whether standard input is a terminal: then the program stays in the process group of this process, or it could not read. It
   * gets a Ctrl-C of the terminal itself, and `kill` ends the program alone.
   */
  readonly isInteractive: boolean;
}

/** Starts a program with the standard input, output and error of this process, in a process group of its own. */
export function startChild({ argv, env, isInteractive }: ChildSettings): Child {
  const [program = "", ...args] = argv;
  const child = startedOrError(() =>
    spawn(program, args, { env, stdio: "inherit", detached: !isInteractive }),
  );
  if (child instanceof Error) return neverStarted(child);
  const { pid } = child;
  let isRunning = pid !== undefined;
  const ended = new Promise<Ended>((resolve) => {
    child.once("error", (error) => {
      if (pid === undefined) resolve(startFailure(error));
    });
    child.once("exit", (code, by) => {
      isRunning = false;
      resolve(by === null ? endedWith(code ?? 0) : killedBy(by));
    });
  });
  return {
    pid,
    ended,
    signal(name) {
      if (pid !== undefined && isRunning) send(pid, name);
    },
    kill() {
      if (pid === undefined) return;
      if (!isInteractive) send(-pid, "SIGKILL");
      else if (isRunning) send(pid, "SIGKILL");
    },
  };
}

function neverStarted(error: Error): Child {
  const ended = Promise.resolve(startFailure(error));
  return { pid: undefined, ended, signal: () => {}, kill: () => {} };
}

/** `spawn` usually emits an error, but throws if memory or space for the arguments runs out. */
function startedOrError<T>(start: () => T): T | Error {
  try {
    return start();
  } catch (error) {
    if (error instanceof Error && systemCode(error) !== undefined) return error;
    throw error;
  }
}

function startFailure(error: Error): Ended {
  const code = systemCode(error) === "ENOENT" ? 127 : 126;
  return { code, how: `cannot be started: ${error.message}` };
}

function endedWith(code: number): Ended {
  return { code, how: `exit code ${code}` };
}

function killedBy(name: NodeJS.Signals): Ended {
  return { code: 128 + constants.signals[name], how: `killed by ${name}` };
}

/** To a process, or with a negative id to a group: it may have ended already. */
function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}
