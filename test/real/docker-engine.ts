import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { run } from "../../lib/base/exec.ts";
import { eventually, type Running, start } from "../support/process.ts";

/** What containers of the tests run unless they are told otherwise: busybox, of an image of this name. */
export const image = "app:test";

/** A real engine of its own, with its own socket, data and networks; it ends with the test. */
export interface DockerEngine {
  readonly socket: string;
  /** For `-p`: a port of the host that no other engine takes, for the port that the image serves. */
  readonly publish: string;
  /** For files of the test: a throw-away folder. */
  readonly folder: string;
  /** Runs the command line of Docker against it and resolves with what it printed; rejects unless it succeeds. */
  docker(...args: string[]): Promise<string>;
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
  const { signal } = new AbortController();

  const docker = async (...args: string[]): Promise<string> => {
    const argv = ["docker", "-H", `unix://${socket}`, ...args];
    const done = await run({ argv, timeoutMs: 30_000 }, systemClock, signal);
    if (!done.ok) throw new Error(`docker ${args.join(" ")}: ${done.how}\n${done.output}`);
    return done.output.trim();
  };
  const begin = async () => {
    dockerd = start(
      { after: (end) => void ends.push(end as () => unknown) },
      argvOf(folder, socket),
    );
    await eventually("the engine answers", () => docker("version"), 20_000);
  };
  t.after(async () => {
    dockerd?.child.kill("SIGCONT");
    if (dockerd?.child.exitCode !== null) await begin();
    const left = (await docker("ps", "-aq")).split("\n").filter(Boolean);
    if (left.length > 0) await docker("rm", "-f", ...left);
    // Its bridge would outlive the engine.
    await docker("network", "prune", "-f");
    await dockerd?.stop();
    for (const end of ends) await end();
    await unmountBelow(folder);
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
    stop: async () => void (await dockerd?.stop()),
    signal: (name) => void dockerd?.child.kill(name),
    restart: begin,
  };
}

/** Where its networks lie. */
const addresses = "10.213.0.0/16";

/**
 * Lets containers reach one another where another engine has closed the firewall of this machine for all but its
 * own. Returns how that ends.
 */
async function letThemMeet(): Promise<() => Promise<void>> {
  const rule = ["FORWARD", "-s", addresses, "-d", addresses, "-j", "ACCEPT"];
  const firewall = async (...args: string[]) => {
    const argv = ["iptables", "-w", ...args, ...rule];
    const { signal } = new AbortController();
    const done = await run({ argv, timeoutMs: 10_000 }, systemClock, signal);
    if (!done.ok) throw new Error(`${argv.join(" ")}: ${done.how}\n${done.output}`);
  };
  await firewall("-I");
  return () => firewall("-D");
}

/**
 * Some ports of the host for this process alone: below those that connections are made from, and not those of another
 * test that runs at the same time. Left to itself every engine begins with the same ones.
 */
function ports(): string {
  const first = 10_000 + (process.pid % 110) * 200;
  return `${first}-${first + 199}`;
}

/** No bridge but its own, and no rule of its own in the firewall: another engine on this machine is not disturbed. */
function argvOf(folder: string, socket: string): readonly string[] {
  return [
    "dockerd",
    ...["--host", `unix://${socket}`, "--pidfile", join(folder, "pid")],
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
    ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"],
    ...["--default-address-pool", `base=${addresses},size=24`, "--log-level=error"],
  ];
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
  const { signal } = new AbortController();
  const argv = ["tar", "-C", root, "-cf", file, "."];
  const done = await run({ argv, timeoutMs: 10_000 }, systemClock, signal);
  if (!done.ok) throw new Error(`tar: ${done.how}\n${done.output}`);
  return file;
}

/** What an engine leaves mounted when it is killed, the innermost first. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  const below = mounts
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${folder}/`));
  const { signal } = new AbortController();
  for (const path of below.reverse()) {
    await run({ argv: ["umount", "-l", path], timeoutMs: 10_000 }, systemClock, signal);
  }
}
