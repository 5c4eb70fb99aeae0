import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, rmdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { atEnd, eventually, outputOf, type Running, run, start } from "../support/process.ts";

/** The image of containers unless a test names another one. It holds busybox. */
export const image = "app:test";

/** A real engine with its own socket, data and networks, until the end of the test. */
export interface DockerEngine {
  readonly socket: string;
  /** For `-p`: publishes the port of the image at a host port that no other engine uses. */
  readonly publish: string;
  /** A temporary folder for files of the test. */
  readonly folder: string;
  /**
   * Runs a command of the docker client and resolves with its standard output. Rejects if it fails. Warnings, such as
   * that IP forwarding is disabled on this machine, are on standard error.
   */
  docker(...args: string[]): Promise<string>;
  /** The output of a container, both streams, for diagnostics. */
  logs(container: string): Promise<string>;
  /** Stops it like its unit does. Its containers end with it. */
  stop(): Promise<void>;
  /** Sends a signal, such as SIGSTOP or SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** Starts it again with its data. */
  restart(): Promise<void>;
}

/** The applets of busybox that the tests use in containers. */
const applets = ["sh", "httpd", "sleep", "touch", "rm", "test", "kill", "echo"];

/** For an engine in a network namespace of its own, with a default bridge. */
export interface EngineNetwork {
  /** The command that runs another one in the namespace. */
  readonly enter: readonly string[];
  /** The address of the bridge: `10.214.0.1/24`. */
  readonly bridge: string;
  /** A port of 127.0.0.1 in the namespace, at which clients reach it. */
  readonly port: number;
}

export async function startDockerEngine(
  t: Pick<TestContext, "after" | "signal">,
  network?: EngineNetwork,
): Promise<DockerEngine> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-docker-"));
  const socket = join(folder, "docker.sock");
  // Run at the end, in this order: the engines are ended first, then their leftovers are removed.
  const cleanups: (() => unknown)[] = [];
  let dockerd: Running | undefined;
  const cli = ["docker", "-H", `unix://${socket}`];
  const docker = async (...args: string[]) => (await outputOf([...cli, ...args])).trim();
  const begin = async () => {
    const server = start(
      { after: (cleanup) => void cleanups.push(cleanup as () => unknown) },
      argvOf(folder, socket, network),
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
    // The bridge of a network would outlive the engine.
    await docker("network", "prune", "-f");
    await dockerd?.stop();
    for (const cleanup of cleanups) await cleanup();
    for (const path of await controlGroups(folder)) await rmdir(path);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  if (!network) cleanups.push(await allowForwarding());
  await begin();
  await docker("import", ...commands, await rootFileSystem(folder), image);
  await docker("network", "create", "tests");
  return {
    socket,
    publish: `${ports()}:8080`,
    folder,
    docker,
    logs: async (container) => (await run([...cli, "logs", container])).output,
    stop: async () => void (await dockerd?.stop()),
    signal: (name) => void dockerd?.child.kill(name),
    restart: begin,
  };
}

/** The requirements of dockerd. IP forwarding is not one of them: its networks lead nowhere. */
const needs =
  "it needs root, mounted control groups, overlayfs, network bridges and iptables of this machine";

/** The address range of the networks of all engines. */
const addresses = "10.213.0.0/16";

/** The part of it for the engines of this process: two that create a network at the same time would choose the same. */
const ownAddresses = `10.213.${(process.pid % 16) * 16}.0/20`;

/**
 * Allows traffic between the containers if the firewall of this machine drops forwarded packets, as another engine
 * configures it. Returns the function that removes the rule.
 */
async function allowForwarding(): Promise<() => Promise<void>> {
  const firewall = (...args: string[]) => outputOf(["iptables", "-w", ...args]);
  // Forwarding is allowed already: change nothing.
  if ((await firewall("-S", "FORWARD")).trim() === "-P FORWARD ACCEPT") return async () => {};
  const rule = ["FORWARD", "-s", addresses, "-d", addresses, "-j", "ACCEPT"];
  await firewall("-I", ...rule);
  return async () => void (await firewall("-D", ...rule));
}

/**
 * A range of host ports for this process: below the ephemeral ports, and not the range of another test that runs at the
 * same time. By default every engine starts with the same ports.
 */
function ports(): string {
  const first = 10_000 + (process.pid % 110) * 200;
  return `${first}-${first + 199}`;
}

/**
 * No default bridge, no firewall rules and no kernel settings: neither this machine nor another engine on it is
 * affected. Its mounts are in a mount namespace of its own, so that none has to be unmounted.
 */
function argvOf(
  folder: string,
  socket: string,
  network: EngineNetwork | undefined,
): readonly string[] {
  return [
    ...(network?.enter ?? []),
    ...["unshare", "--mount", "dockerd"],
    ...["--host", `unix://${socket}`, "--pidfile", join(folder, "pid")],
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
    ...(network
      ? [`--bip=${network.bridge}`, "--host", `tcp://127.0.0.1:${network.port}`, "--tls=false"]
      : ["--bridge=none"]),
    ...["--iptables=false", "--ip6tables=false", "--ip-forward=false"],
    // A control group of its own, which can be removed at the end.
    ...["--exec-opt=native.cgroupdriver=cgroupfs", `--cgroup-parent=/${basename(folder)}`],
    ...["--default-address-pool", `base=${ownAddresses},size=24`, "--log-level=error"],
  ];
}

/** The control groups that an engine has created for its containers: one in each hierarchy. */
async function controlGroups(folder: string): Promise<readonly string[]> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  const groups = mounts.flatMap((line) => {
    const [, path = "", type = ""] = line.split(" ");
    return type.startsWith("cgroup") ? [join(path, basename(folder))] : [];
  });
  return groups.filter((path) => existsSync(path));
}

/** An HTTP server on port 8080, healthy while the file /healthy exists. It ends at once on SIGTERM. */
const commands = [
  [
    "CMD",
    JSON.stringify(["sh", "-c", "touch /healthy; httpd -f -p 8080 & trap 'exit 0' TERM; wait"]),
  ],
  ["EXPOSE", "8080"],
].flatMap(([name, value]) => ["--change", `${name} ${value}`]);

/** Creates a tar file of a file system with busybox only. */
async function rootFileSystem(folder: string): Promise<string> {
  const [root, file] = [join(folder, "root"), join(folder, "root.tar")];
  const bin = join(root, "bin");
  await mkdir(bin, { recursive: true });
  await copyFile("/bin/busybox", join(bin, "busybox"));
  for (const applet of applets) await symlink("busybox", join(bin, applet));
  await outputOf(tarOf(root, file));
  return file;
}

/** The command that packs a folder for an image, readable for every user of a container regardless of the umask. */
export function tarOf(root: string, file: string): readonly string[] {
  return ["tar", "-C", root, "--mode=u+w,a+rX", "-cf", file, "."];
}
