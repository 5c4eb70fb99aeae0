import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { onFailure } from "../support/on-failure.ts";
import { freePort, type Running, type StartOptions, start } from "../support/process.ts";
import { root } from "../support/sources.ts";

/** The command line of the program as it is published: built by `npm run build`. */
export const main = [process.execPath, join(root, "dist/cli/main.js")];

// Runtime and state files of all agents of this process: an agent that is killed does not remove its own.
const own = mkdtempSync(join(tmpdir(), "sidekick-test-"));
process.env.RUNTIME_DIRECTORY = own;
process.env.STATE_DIRECTORY = own;
process.once("exit", () => rmSync(own, { recursive: true, force: true }));

/** Starts the built program. Its output is shown if the test fails. */
export function startSidekick(
  t: TestContext,
  args: readonly string[],
  options: StartOptions = {},
): Running {
  const running = start(t, [...main, ...args], options);
  onFailure(t, () => `sidekick ${args.join(" ")}\n${running.output().slice(-4000)}`);
  return running;
}

/** Runs the built program to its end. */
export async function sidekick(
  t: TestContext,
  args: readonly string[],
  options: StartOptions = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const running = startSidekick(t, args, options);
  const code = await running.ended;
  return { code, output: running.output() };
}

/** Runs the built program to its end and resolves with its standard output, for output that is parsed. */
export async function printed(
  t: TestContext,
  args: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const running = startSidekick(t, args, options);
  await running.ended;
  return running.stdout();
}

/** An HTTP application in a process of its own, which answers each request with its name. */
export interface App {
  readonly name: string;
  readonly port: number;
  kill(): Promise<void>;
  restart(): void;
}

export async function startApp(t: TestContext, name: string): Promise<App> {
  const port = await freePort();
  const begin = () => startSidekick(t, ["demo-app", name, String(port)]);
  let running = begin();
  return {
    name,
    port,
    kill: async () => void (await running.stop("SIGKILL")),
    restart: () => {
      running = begin();
    },
  };
}
