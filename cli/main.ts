import { lookup, resolveSrv } from "node:dns/promises";
import { existsSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../lib/base/clock.ts";
import { Fault, sentence } from "../lib/base/fault.ts";
import { program } from "./program.ts";
import type { World } from "./world.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
const failed = 1;
const wrong = 2;

/** Runs the command of this process. The only place that handles signals: the first one shuts down, the second one exits at once. */
export async function start(): Promise<void> {
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(failed);
      stopping.abort(new DOMException(`stopped by ${name}`, "AbortError"));
    });
  }
  // A reader that closes the pipe (sidekick ls … | head) must not cause a stack trace.
  process.stdout.on("error", () => process.exit(failed));
  const code = await exitCode(process.argv.slice(2), realWorld(), stopping.signal);
  // Output is flushed, since a pipe takes 64 KiB at a time; other handles, such as a connection that is being closed,
  // are not waited for.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

/** Runs the command that the arguments name. A fault is printed as one sentence to standard error. */
export async function exitCode(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await program(args, world, signal);
  } catch (error) {
    if (error instanceof Fault) {
      world.err.write(`sidekick: ${sentence(error)}\n`);
      return error.retry ? failed : wrong;
    }
    if (signal.aborted) return 0;
    world.err.write(`sidekick: this is a bug: ${error instanceof Error ? error.stack : error}\n`);
    return failed;
  }
}

function realWorld(): World {
  const stream = (target: NodeJS.WriteStream) => ({
    terminal: target.isTTY === true,
    write: (text: string) => {
      target.write(text);
    },
  });
  return {
    env: process.env,
    hostName: hostname(),
    pid: process.pid,
    uid: process.getuid?.(),
    temporary: tmpdir(),
    clock: systemClock,
    random: Math.random,
    resolver: { lookup, resolveSrv },
    out: stream(process.stdout),
    err: stream(process.stderr),
    shipped: shippedTemplates(),
    self: [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)],
  };
}

/** `templates/` is beside `cli/` in a checkout, and one folder further up from `dist/cli/`. */
function shippedTemplates(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, "..", "templates");
  return existsSync(beside) ? beside : join(here, "..", "..", "templates");
}

if (import.meta.main) await start();
