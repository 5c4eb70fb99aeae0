import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { onFailure } from "../support/on-failure.ts";
import { atEnd } from "../support/process.ts";

/** What a shell starts with. */
export interface ShellOptions {
  /** Its working directory, in which the outputs of the commands are kept. */
  readonly cwd: string;
  /** Added to the environment of the test. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a command and resolves with its output. Rejects if its exit code is not 0. */
export type Shell = (command: string) => Promise<string>;

/**
 * A shell in namespaces of its own: every port of 127.0.0.1 is free, and all programs that were started in it end with the test. Commands
 * run one after the other in the same shell, so that `cd`, `export` and `&` have the usual effect. Takes root.
 */
export async function isolatedShell(t: TestContext, { cwd, env }: ShellOptions): Promise<Shell> {
  const namespaces = ["--net", "--pid", "--mount-proc", "--fork", "--kill-child"];
  const child = spawn("unshare", [...namespaces, "sh"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  atEnd(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const outputs: string[] = [];
  onFailure(t, async () => (await Promise.all(outputs.map((path) => readFile(path)))).join(""));

  const shell = async (command: string) => {
    const path = join(cwd, `output-${outputs.length}`);
    outputs.push(path);
    child.stdin.write(`{ ${command}\n} >${path} 2>&1; echo $?\n`);
    const { value: code = "the shell has ended" } = await lines.next();
    const output = await readFile(path, "utf8");
    if (code !== "0") throw new Error(`${command}: exit code ${code}\n${output}`);
    return output;
  };
  await shell("ip link set lo up");
  return shell;
}
