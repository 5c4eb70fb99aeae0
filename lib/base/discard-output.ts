import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/**
 * Discards the rest of an output that a program still writes to after its command has ended. If nothing read it, the
 * program would die of SIGPIPE; `cat` reads it, so that it outlives this process, too.
 */
export function discardOutput(output: Readable): void {
  output.removeAllListeners("data").pause();
  const reader = startReader(output);
  // Where no other process can be started, the program goes on at least as long as this one.
  if (reader?.pid === undefined) output.resume();
  else output.destroy();
}

function startReader(output: Readable): ChildProcess | undefined {
  try {
    const reader = spawn("cat", [], {
      cwd: "/",
      detached: true,
      stdio: [output, "ignore", "ignore"],
    });
    reader.on("error", () => {});
    reader.unref();
    return reader;
  } catch {
    return undefined;
  }
}
