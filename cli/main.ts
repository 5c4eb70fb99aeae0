import { existsSync, writeSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isSea } from "node:sea";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import { systemClock } from "../lib/base/clock.ts";
import { embeddedFolder } from "../lib/base/embedded.ts";
import { Fault } from "../lib/base/fault.ts";
import { LineWriter } from "../lib/base/line-writer.ts";
import { printableText } from "../lib/base/printable.ts";
import { never, untilAborted, whenAborted } from "../lib/base/signal.ts";
import { argumentsOf } from "./program/move-in.ts";
import { program } from "./program.ts";
import { systemResolver } from "./resolver.ts";
import { handleSignals, type ProcessSignals } from "./signals.ts";
import { captureRuntimeMessages, reportFailure, standardError } from "./standard-error.ts";
import { type OpenTerminal, terminalOf } from "./top/terminal.ts";
import type { Env, ErrorStream, World } from "./world.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
const failed = 1;
const wrong = 2;

/** How long the output is waited for once the program is to end, in milliseconds. */
const outputLimitMs = 1000;

/** Runs the command of this process. The only place that handles signals: the first one shuts down, the second one exits at once. */
export async function start(): Promise<void> {
  const signals = handleSignals(nodeOptions(), () => process.exit(failed));
  const { stopping } = signals;
  // A reader that closes the pipe (sidekick ls … | head) must not cause a stack trace.
  process.stdout.on("error", () => process.exit(failed));
  const { fd, isTTY } = process.stderr;
  const log = new LineWriter((bytes) => writeSync(fd, bytes), systemClock);
  const err = standardError(log, isTTY === true);
  captureRuntimeMessages(err);
  process.on("uncaughtException", (error) => {
    reportFailure(error, err);
    void log.flushed(outputLimitMs).then(() => process.exit(failed));
  });
  const [, path = "", ...rest] = process.argv;
  // Where this is an executable, that is its own path, whatever the name of the link through which it was started.
  const args = argumentsOf(isSea() ? process.argv0 : path, rest);
  const code = await exitCode(args, realWorld(log, err, signals), stopping);
  // Output is flushed, since a pipe takes 64 KiB at a time; other handles, such as a connection that is being closed,
  // are not waited for. `less` reads in its own time, but a shutdown does not wait for it.
  const isLate = whenAborted(stopping, never).then(() => systemClock.sleep(outputLimitMs, never));
  await Promise.all([Promise.race([flushed(process.stdout), isLate]), log.flushed(outputLimitMs)]);
  process.exit(code);
}

function nodeOptions(): string {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

/**
 * Runs the command that the arguments name. A fault is printed as one sentence to standard error, a bug with its stack;
 * the end that the signal asked for is neither, but a bug during the shutdown is.
 */
export async function exitCode(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  try {
    let code = 0;
    const running = program(args, world, signal).then((result) => {
      code = result;
    });
    await untilAborted(signal, running);
    return code;
  } catch (error) {
    reportFailure(error, world.err);
    return error instanceof Fault && !error.retry ? wrong : failed;
  }
}

function realWorld(
  log: LineWriter,
  err: ErrorStream,
  { onAgentSignal, onForwarded }: ProcessSignals,
): World {
  const isTerminal = process.stdout.isTTY === true;
  const terminal = realTerminal(isTerminal);
  return {
    env: process.env,
    hostName: hostname(),
    pid: process.pid,
    uid: process.getuid?.(),
    temporary: tmpdir(),
    clock: systemClock,
    random: Math.random,
    resolver: systemResolver(systemClock),
    out: {
      terminal: isTerminal,
      write: (text) => {
        process.stdout.write(isTerminal ? printableText(text) : text);
      },
    },
    err,
    ...(terminal && { terminal }),
    onAgentSignal,
    onForwarded,
    onExit,
    isInteractive: isatty(0),
    replaceProcess: (path, argv, env) => replaceProcess(log, path, argv, env),
    shipped: shippedTemplates(),
    self: isSea()
      ? [process.execPath]
      : [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
  };
}

function realTerminal(isTerminal: boolean): OpenTerminal | undefined {
  return terminalOf({
    isPresent: isTerminal && isatty(0),
    kind: process.env.TERM,
    // Not before it is read from: that opens it.
    stdin: () => process.stdin,
    stdout: process.stdout,
    writeNow: (text) => void writeSync(process.stdout.fd, text),
    onExit,
  });
}

function onExit(listener: () => void): Disposable {
  process.on("exit", listener);
  return { [Symbol.dispose]: () => void process.off("exit", listener) };
}

async function replaceProcess(
  log: LineWriter,
  path: string,
  argv: readonly string[],
  env: Env,
): Promise<never> {
  await log.flushed(outputLimitMs);
  // Loaded here: it takes longer than all else of a short command.
  const { spawnSync } = await import("node:child_process");
  // Node.js ignores them, and a program would inherit that; a handled signal has its default again in the program.
  for (const name of ["SIGPIPE", "SIGXFSZ"] as const) process.on(name, () => {});
  // Whatever is started with these streams gets them as Node.js has found them: it makes pipes return at once, which programs do
  // not expect. A folder cannot be started.
  spawnSync("/", { stdio: "inherit" });
  const set = Object.entries(env).filter(([, value]) => value !== undefined);
  process.execve?.(path, [...argv], Object.fromEntries(set) as NodeJS.ProcessEnv);
  throw new Error("this system cannot replace a process by a program");
}

/** `templates/` is inside of an executable, beside `cli/` in a checkout, and one folder further up from `dist/cli/`. */
function shippedTemplates(): string {
  if (isSea()) return join(embeddedFolder, "templates");
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, "..", "templates");
  return existsSync(beside) ? beside : join(here, "..", "..", "templates");
}

if (import.meta.main) await start();
