import { copyFile, link, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { atEnd, childrenOf, eventually, run, start, throwAwayFolder } from "../support/process.ts";
import { root as checkout } from "../support/sources.ts";

/** The files of a machine with a systemd of its own. */
export interface Machine {
  /** The paths of the unit files. */
  readonly units: readonly string[];
  /** Shell scripts in /usr/local/bin: the text, by name. */
  readonly programs: Readonly<Record<string, string>>;
  /** Files below /etc: the text, by path. */
  readonly etc: Readonly<Record<string, string>>;
  /** Files in /var/packages, from which the program is to be installed: then the machine has neither it nor Node.js. */
  readonly packages?: readonly string[];
}

/** A real systemd, the first process of its own namespaces. It does not know the units of this machine. */
export interface Systemd {
  /** Runs systemctl and resolves with its output. Rejects if it fails. */
  systemctl(...args: string[]): Promise<string>;
  /** A property of a unit, such as ActiveState. */
  property(unit: string, name: string): Promise<string>;
  /** Runs a program in its namespaces and resolves with its standard output. Rejects if it fails. */
  inside(...argv: string[]): Promise<string>;
}

/** The targets that units of services depend on. */
const targets = ["sysinit", "basic", "shutdown", "multi-user", "network-online", "tests"];

/** `enter` runs a command in the namespaces that it should have in common with others. */
export async function startSystemd(
  t: TestContext,
  machine: Machine,
  enter: readonly string[] = [],
): Promise<Systemd> {
  const folder = await throwAwayFolder(t);
  await writeMachine(folder, machine);
  const group = join(await controlGroups(), `sidekick-test-${process.pid}`);
  await mkdir(group);

  const init = join(import.meta.dirname, "systemd-machine.sh");
  // First, so that it is done last.
  atEnd(t, () => eventually("its control groups are gone", () => removed(group)));
  const first = start(t, [
    ...enter,
    ...["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"],
    // The root of its control group namespace is the group that it is in at that time.
    ...["sh", "-ec", `echo 0 >${group}/cgroup.procs; exec unshare --cgroup "$@"`, "sh"],
    ...["sh", "-e", init, folder, checkout, machine.packages ? "none" : process.execPath],
  ]);
  const inside = async (...argv: string[]) => {
    const [pid] = await childrenOf(first.pid);
    const namespaces = ["--mount", "--pid", "--cgroup", "--net"];
    const inner = ["nsenter", `--target=${pid}`, ...namespaces];
    const { code, stdout, output } = await run([...inner, ...argv]);
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

/** Without a journal, units log to a file. */
const log = "[Service]\nStandardOutput=append:/run/log\nStandardError=append:/run/log\n";

/** Writes the files that the script mounts over the files of this machine. */
async function writeMachine(
  folder: string,
  { units, programs, etc, packages: files = [] }: Machine,
): Promise<void> {
  for (const name of ["units", "bin", "etc", "packages"]) await mkdir(join(folder, name));
  for (const file of files) await link(file, join(folder, "packages", basename(file)));
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

/** The folders of the packages that the program needs at run time. */
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

/** The mount point of the control groups of version 2, whether version 1 is mounted as well or not. */
async function controlGroups(): Promise<string> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  const [, path] = mounts.find((line) => line.split(" ")[2] === "cgroup2")?.split(" ") ?? [];
  if (path === undefined) throw new Error("a systemd needs cgroup2, which is not mounted here");
  return path;
}

/** Removes a control group and its children. Rejects while processes run in them. */
async function removed(group: string): Promise<boolean> {
  for (const entry of await readdir(group, { withFileTypes: true })) {
    if (entry.isDirectory()) await removed(join(group, entry.name));
  }
  await rmdir(group);
  return true;
}
