import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort, hangMs, type Running, type StartOptions, start } from "../support/process.ts";

/** The program as it is published: built by `npm run build`. */
export const main = [process.execPath, join(import.meta.dirname, "../../dist/cli/main.js")];

/** Where the agents of this process have what is theirs: those that are killed leave it behind. */
const own = mkdtempSync(join(tmpdir(), "sidekick-test-"));
process.env.RUNTIME_DIRECTORY = own;
// What they know of a keyspace is kept nowhere else, either.
process.env.STATE_DIRECTORY = own;
process.once("exit", () => rmSync(own, { recursive: true, force: true }));

/** Starts the built program. What it said is shown when the test fails. */
export function startSidekick(
  t: TestContext,
  args: readonly string[],
  options: StartOptions = {},
): Running {
  const running = start(t, [...main, ...args], options);
  t.after(() => {
    // In the types of Node.js it is missing.
    if ((t as { passed?: boolean }).passed === false)
      t.diagnostic(`sidekick ${args.join(" ")}\n${running.output().slice(-4000)}`);
  });
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

/** Runs the built program to its end and resolves with its standard output alone, for what is parsed. */
export async function printed(
  t: TestContext,
  args: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const running = startSidekick(t, args, options);
  await running.ended;
  return running.stdout();
}

/** The events of a sidekick's log so far. */
export function events({ stderr }: Running): readonly Record<string, unknown>[] {
  const lines = stderr()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** An HTTP application in a process of its own, which answers every request with its name. */
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

/** The status and text of an answer, on a connection of its own. */
export function ask(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, timeout: hangMs }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: text.trim() }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
    sent.end();
  });
}
