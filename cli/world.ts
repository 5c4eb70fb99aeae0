import type { Clock } from "../lib/base/clock.ts";
import type { LogSink } from "../lib/base/log.ts";
import type { Resolver } from "../lib/render/lookups.ts";
import type { OnAgentSignal, OnForwarded } from "./signals.ts";
import type { OpenTerminal } from "./top/terminal.ts";

/** Everything of the process and the machine that a command uses; only main.ts makes one from the real process. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  readonly pid: number;
  /** The user id; undefined where the system has none. */
  readonly uid: number | undefined;
  /** The folder for temporary files. */
  readonly temporary: string;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly resolver: Resolver;
  readonly out: Stream;
  readonly err: ErrorStream;
  /** Absent if input or output is no terminal that can show a screen. */
  readonly terminal?: OpenTerminal;
  readonly onAgentSignal: OnAgentSignal;
  readonly onForwarded: OnForwarded;
  /** Calls the listener when this process ends, however it does, until the result is disposed of. */
  readonly onExit: (listener: () => void) => Disposable;
  /** Whether standard input is a terminal. */
  readonly isInteractive: boolean;
  /** Replaces this process by a program: the same process id, standard input and output. `path` is its file. */
  readonly replaceProcess: (path: string, argv: readonly string[], env: Env) => Promise<never>;
  /** The folder of the shipped templates. */
  readonly shipped: string;
  /** The command line that starts this program, for the processes of the demo. */
  readonly self: readonly string[];
}

/** The variables of an environment. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface Stream {
  /** Whether it is a terminal. */
  readonly terminal: boolean;
  /** On a terminal, characters that would steer it are written as escapes. */
  readonly write: (text: string) => void;
}

/** Standard error: sentences, or the log of agents. */
export interface ErrorStream extends LogSink {
  /** Whether a log in JSON has begun, of which each further line has to be a part; absent if none ever does. */
  readonly isJsonLog?: () => boolean;
}
