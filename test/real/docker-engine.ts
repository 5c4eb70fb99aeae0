import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, rmdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { atEnd, eventually, outputOf, type Running, ran, start } from "../support/process.ts";

/** What containers of the tests run unless they are told otherwise: busybox, of an image of this name. */
export const image = "app:test";

/** A real engine of its own, with its own socket, data and networks; it ends with the test. */
export interface DockerEngine {
  readonly socket: string;
  /** For `-p`: a port of the host that no other engine takes, for the port that the image serves. */
  readonly publish: string;
  /** For files of the test: a throw-away folder. */
  readonly folder: string;
  /**
   * Runs the command line of Docker against it and resolves with its standard output; rejects unless it succeeds. Its
   * warnings, such as that this machine forwards nothing, go to standard error.
   */
  docker(...args: string[]): Promise<string>;
  /** What a container has printed to either stream: to be shown. */
  logs(container: string): Promise<string>;
  /** Ends it as its unit would; its containers end with it. */
  stop(): Promise<void>;
  /** Freezes it, or lets it go on. */
  signal(name: NodeJS.Signals): void;
  /** Starts it again on the same data. */
  restart(): Promise<void>;
}

/** The applets of busybox that the tests use in containers. */
const applets = ["sh", "httpd", "sleep", "touch", "rm", "test", "kill", "echo"];

export async function startDockerEngine(
  t: Pick<TestContext, "after" | "signal">,
): Promise<DockerEngine> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-docker-"));
  const socket = join(folder, "docker.sock");
  // All that is to be done at the end, in this order: engines that were started, then what they leave.
  const ends: (() => unknown)[] = [];
  let dockerd: Running | undefined;
  const cli = ["docker", "-H", `unix://${socket}`];
  const docker = async (...args: string[]) => (await outputOf([...cli, ...args])).trim();
  const begin = async () => {
    const server = start(
      { after: (end) => void ends.push(end as () => unknown) },
      argvOf(folder, socket),
    );
    dockerd = server;
    let ended = false;
    void server.ended.then(() => {
      ended = true;
    });
    await eventually("the engine answers", async () => ended || (await docker("version")));
    if (ended) throw new Error(`dockerd ended: ${needs}\n${server.output().slice(-2000)}`);
  };
  atEnd(t, async () => {
    dockerd?.child.kill("SIGCONT");
    if (dockerd?.child.exitCode !== null) await begin();
    const left = (await docker("ps", "-aq")).split("\n").filter(Boolean);
    if (left.length > 0) await docker("rm", "-f", ...left);
    // Its bridge would outlive the engine.
    await docker("network", "prune", "-f");
    await dockerd?.stop();
    for (const end of ends) await end();
    for (const path of await controlGroups(folder)) await rmdir(path);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  ends.push(await letThemMeet());
  await begin();
  await docker("import", ...commands, await rootFileSystem(folder), image);
  await docker("network", "create", "tests");
  return {
    socket,
    publish: `${ports()}:8080`,
    folder,
    docker,
    logs: async (container) => (await ran([...cli, "logs", container])).output,
    stop: async () => void (await dockerd?.stop()),
    signal: (name) => void dockerd?.child.kill(name),
    restart: begin,
  };
}

/** What dockerd takes for granted. Forwarding is not among it: its networks lead nowhere. */
const needs =
  "it needs root, mounted control groups, overlayfs, network bridges and iptables of this machine";

/** Where its networks lie. */
const addresses = "10.213.0.0/16";

/**
 * Lets containers reach one another where another engine has closed the firewall of this machine for all but its
 * own. Returns how that ends.
 */
async function letThemMeet(): Promise<() => Promise<void>> {
  const firewall = (...args: string[]) => outputOf(["iptables", "-w", ...args]);
  // Open already: then nothing is changed.
  if ((await firewall("-S", "FORWARD")).trim() === "-P FORWARD ACCEPT") return async () => {};
  const rule = ["FORWARD", "-s", addresses, "-d", addresses, "-j", "ACCEPT"];
  await firewall("-I", ...rule);
  return async () => void (await firewall("-D", ...rule));
}

/**
 * Some ports of the host for this process alone: below those that connections are made from, and not those of another
 * test that runs at the same time. Left to itself every engine begins with the same ones.
 */
function ports(): string {
  const first = 10_000 + (process.pid % 110) * 200;
  return `${first}-${first + 199}`;
}

/**
 * No bridge but its own, no rule of its own in the firewall, no setting of the kernel: neither this machine nor another
 * engine on it is disturbed. What it mounts is mounted for it alone, and so nothing has to be unmounted.
 */
function argvOf(folder: string, socket: string): readonly string[] {
  return [
    ...["unshare", "--mount", "dockerd"],
    ...["--host", `unix://${socket}`, "--pidfile", join(folder, "pid")],
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
    ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"],
    // A group of its own, which goes with it: nobody removes Docker's.
    ...["--exec-opt=native.cgroupdriver=cgroupfs", `--cgroup-parent=/${basename(folder)}`],
    ...["--default-address-pool", `base=${addresses},size=24`, "--log-level=error"],
  ];
}

/** The control groups that an engine has made for its containers: one in each hierarchy, or one at all. */
async function controlGroups(folder: string): Promise<readonly string[]> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  const groups = mounts.flatMap((line) => {
    const [, path = "", type = ""] = line.split(" ");
    return type.startsWith("cgroup") ? [join(path, basename(folder))] : [];
  });
  return groups.filter((path) => existsSync(path));
}

/** An HTTP server on port 8080, well for as long as there is a file /well. A signal to stop is obeyed at once. */
const commands = [
  ["CMD", JSON.stringify(["sh", "-c", "touch /well; httpd -f -p 8080 & trap 'exit 0' TERM; wait"])],
  ["EXPOSE", "8080"],
].flatMap(([name, value]) => ["--change", `${name} ${value}`]);

/** A tar file of a file system that holds busybox and nothing else. */
async function rootFileSystem(folder: string): Promise<string> {
  const [root, file] = [join(folder, "root"), join(folder, "root.tar")];
  const bin = join(root, "bin");
  await mkdir(bin, { recursive: true });
  await copyFile("/bin/busybox", join(bin, "busybox"));
  for (const applet of applets) await symlink("busybox", join(bin, applet));
  await outputOf(tarOf(root, file));
  return file;
}

/** The command that packs a folder for an image: whoever a container runs as may read it, whatever our umask is. */
export function tarOf(root: string, file: string): readonly string[] {
  return ["tar", "-C", root, "--mode=u+w,a+rX", "-cf", file, "."];
}
