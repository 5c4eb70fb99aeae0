import { spawn } from "node:child_process";
import type { TestContext } from "node:test";
import { onFailure } from "../support/on-failure.ts";

/** A program at a pseudo-terminal of 100×30 characters. */
export interface AtTerminal {
  /** The rows that the terminal shows, without colours, as far as they were drawn at a row. */
  screen(): readonly string[];
  /** Everything that was sent to the terminal. */
  output(): string;
  type(keys: string): void;
  /** Resolves with the exit code of the program. */
  readonly ended: Promise<number | null>;
}

/** Runs a command of a shell at a terminal of its own. */
export function atTerminal(
  t: TestContext,
  command: string,
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): AtTerminal {
  const argv = ["-qefc", `stty rows 30 columns 100; ${command}`, "/dev/null"];
  const child = spawn("script", argv, {
    ...{ cwd, detached: true, stdio: ["pipe", "pipe", "inherit"] },
    env: { ...process.env, TERM: "xterm", SHELL: "/bin/sh", ...env },
  });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stdin?.on("error", () => {});
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  t.after(async () => {
    if (child.exitCode === null) process.kill(-Number(child.pid), "SIGKILL");
    await ended;
  });
  onFailure(t, () => output.slice(-4000));
  return {
    ...{ output: () => output, ended },
    screen: () => screenOf(output),
    type: (keys) => void child.stdin?.write(keys),
  };
}

/** Each row is drawn as a whole, after its position; a screen that is cleared has none. */
function screenOf(output: string): readonly string[] {
  const rows: string[] = [];
  for (const part of output
    .split("\x1b[2J")
    .at(-1)
    ?.split(/\x1b\[(?=\d+;1H)/) ?? []) {
    const [, row, text] = /^(\d+);1H(.*?)\x1b\[K/s.exec(part) ?? [];
    if (row !== undefined) rows[Number(row) - 1] = text?.replace(/\x1b\[[\d;]*m/g, "") ?? "";
  }
  return rows;
}
