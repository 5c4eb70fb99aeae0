import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { run } from "../../lib/base/exec.ts";
import { eventually, start, throwAwayFolder } from "../support/process.ts";

/** What is on the machine of a systemd of its own. */
export interface Machine {
  /** Unit files, by their paths. */
  readonly units: readonly string[];
  /** Programs of /usr/local/bin: the text of a shell script, by name. */
  readonly programs: Readonly<Record<string, string>>;
  /** Files below /etc: their text. */
  readonly etc: Readonly<Record<string, string>>;
}

/** A real systemd, the first process of its own namespaces: no unit of this machine is known to it. */
export interface Systemd {
  /** Runs systemctl there and resolves with what it printed; rejects unless it succeeds. */
  systemctl(...args: string[]): Promise<string>;
  /** A property of a unit, such as ActiveState. */
  property(unit: string, name: string): Promise<string>;
  /** Runs a program there. */
  inside(...argv: string[]): Promise<string>;
}

/** What units of services take for granted. */
const targets = ["sysinit", "basic", "shutdown", "multi-user", "network-online", "tests"];

export async function startSystemd(t: TestContext, machine: Machine): Promise<Systemd> {
  const folder = await throwAwayFolder(t);
  await layOut(folder, machine);
  const groups = existsSync("/sys/fs/cgroup/systemd") ? "/sys/fs/cgroup/systemd" : "/sys/fs/cgroup";
  const group = join(groups, `sidekick-test-${process.pid}`);
  await mkdir(group);

  const init = join(import.meta.dirname, "systemd-machine.sh");
  const first = start(t, [
    ...["sh", "-c", `echo $$ >${group}/cgroup.procs; exec "$@"`, "sh"],
    ...["unshare", "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child"],
    ...["sh", "-e", init, folder, join(import.meta.dirname, "../.."), process.execPath],
  ]);
  t.after(() => eventually("its control groups are gone", () => removed(group)));
  const inside = async (...argv: string[]) => {
    const [pid = ""] = (await children(first.pid)).split(" ");
    const there = ["nsenter", `--target=${pid}`, "--mount", "--pid", "--cgroup", ...argv];
    const { signal } = new AbortController();
    const { ok, how, output } = await run({ argv: there, timeoutMs: 60_000 }, systemClock, signal);
    if (!ok) throw new Error(`${argv.join(" ")}: ${how}\n${output}\n${first.output()}`);
    return output.trim();
  };
  const systemctl = (...args: string[]) => inside("systemctl", "--no-pager", ...args);
  await eventually("systemd answers", () => systemctl("is-active", "tests.target"), 5000);
  return {
    systemctl,
    property: (unit, name) => systemctl("show", "--value", `--property=${name}`, unit),
    inside,
  };
}

/** There is no journal. */
const log = "[Service]\nStandardOutput=append:/run/log\nStandardError=append:/run/log\n";

/** What the script lays over the machine. */
async function layOut(folder: string, { units, programs, etc }: Machine): Promise<void> {
  for (const name of ["units", "bin", "etc"]) await mkdir(join(folder, name));
  for (const name of targets) await writeFile(join(folder, "units", `${name}.target`), "[Unit]\n");
  for (const unit of units) await copyFile(unit, join(folder, "units", unit.replace(/.*\//, "")));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  const logged = { "systemd/system/service.d/log.conf": log };
  for (const [path, text] of Object.entries({ ...etc, ...logged })) {
    const file = join(folder, "etc", path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
  }
}

async function children(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
}

/** Removes a control group with all below it, as soon as nothing runs there any more. */
async function removed(group: string): Promise<boolean> {
  for (const entry of await readdir(group, { withFileTypes: true })) {
    if (entry.isDirectory()) await removed(join(group, entry.name));
  }
  await rmdir(group);
  return true;
}
