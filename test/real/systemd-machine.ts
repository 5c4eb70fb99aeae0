import { copyFile, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { atEnd, eventually, ran, start, throwAwayFolder } from "../support/process.ts";

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

const checkout = join(import.meta.dirname, "../..");

/** What units of services take for granted. */
const targets = ["sysinit", "basic", "shutdown", "multi-user", "network-online", "tests"];

export async function startSystemd(t: TestContext, machine: Machine): Promise<Systemd> {
  const folder = await throwAwayFolder(t);
  await layOut(folder, machine);
  const group = join(await controlGroups(), `sidekick-test-${process.pid}`);
  await mkdir(group);

  const init = join(import.meta.dirname, "systemd-machine.sh");
  // First, so that it is done last.
  atEnd(t, () => eventually("its control groups are gone", () => removed(group)));
  const first = start(t, [
    ...["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"],
    // What it sees of control groups is the one that it is in by then.
    ...["sh", "-ec", `echo 0 >${group}/cgroup.procs; exec unshare --cgroup "$@"`, "sh"],
    ...["sh", "-e", init, folder, checkout, process.execPath],
  ]);
  const inside = async (...argv: string[]) => {
    const [pid = ""] = (await children(first.pid)).split(" ");
    const there = ["nsenter", `--target=${pid}`, "--mount", "--pid", "--cgroup", ...argv];
    const { code, stdout, output } = await ran(there);
    if (code !== 0)
      throw new Error(`${argv.join(" ")}: exit code ${code}\n${output}\n${first.output()}`);
    return stdout.trim();
  };
  const systemctl = (...args: string[]) => inside("systemctl", "--no-pager", ...args);
  await eventually("systemd answers", () => systemctl("is-active", "tests.target"));
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
  const program = ["package.json", "dist", "templates", ...(await packages())];
  await writeFile(join(folder, "program"), program.join("\n"));
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

/** The packages that the program runs with, and no others: their folders in the checkout. */
async function packages(): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(checkout, "package-lock.json"), "utf8")) as Lock;
  const names = Object.entries(lock.packages).filter(([, { dev, optional, link }]) => {
    return !dev && !optional && !link;
  });
  return names.map(([path]) => path).filter((path) => path.startsWith("node_modules/"));
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly link?: boolean }>
  >;
}

/** Where control groups of version 2 are mounted, whether beside those of version 1 or alone. */
async function controlGroups(): Promise<string> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  const [, path] = mounts.find((line) => line.split(" ")[2] === "cgroup2")?.split(" ") ?? [];
  if (path === undefined) throw new Error("a systemd needs cgroup2, which is not mounted here");
  return path;
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
