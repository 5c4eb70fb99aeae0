import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { systemCode } from "../../lib/base/fault.ts";
import { atEnd } from "../support/process.ts";

/** A network namespace with one address, which acts as a machine of its own. */
export interface Host {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
  /** The command line that runs a program on this host. */
  on(argv: readonly string[]): readonly string[];
  /** Silently drops all packets between this host and the others until `restore`. */
  cutOff(others: readonly Host[]): Promise<void>;
  /** Stops dropping packets. */
  restore(): Promise<void>;
}

/** Hosts on one switch, isolated from the network of the machine and from the networks of other tests. */
export interface Network {
  /** The IPv4 address of the machine in this network: the test itself runs there. */
  readonly address: string;
  /** Adds a host. `name` consists of letters and digits. */
  host(name: string): Promise<Host>;
}

/** Creates a network until the end of the test, when the processes on its hosts are killed. */
export async function createNetwork(t: Pick<TestContext, "after">): Promise<Network> {
  await mustBePossible();
  await removeLeftovers();
  networks += 1;
  const [prefix, namespaces] = [`sidekick-${process.pid}-${networks}`, [] as string[]];
  atEnd(t, () => remove(namespaces.toReversed()));
  const add = async (name: string): Promise<string> => {
    const namespace = `${prefix}-${name}`;
    await sh(`ip netns add ${namespace}`);
    namespaces.push(namespace);
    return namespace;
  };

  // The bridge is in a namespace of its own, where the firewall rules of the machine (docker drops forwarded packets) do
  // not apply.
  const hub = await add("switch");
  const subnet = await plugIn(hub);
  let hosts = 0;
  return {
    address: `${subnet}.254`,
    host: async (name) => {
      hosts += 1;
      const [address, port] = [`${subnet}.${hosts}`, `port${hosts}`];
      const namespace = await add(name);
      await sh(`
        ip link add ${port} netns ${hub} type veth peer name eth0 netns ${namespace}
        ip -n ${hub} link set ${port} master bridge up
        ip -n ${namespace} link set lo up
        ip -n ${namespace} address add ${address}/24 dev eth0
        ip -n ${namespace} link set eth0 up`);
      return hostIn(namespace, name, address);
    },
  };
}

let networks = 0;

function hostIn(namespace: string, name: string, address: string): Host {
  const on = (argv: readonly string[]) => ["ip", "netns", "exec", namespace, ...argv];
  return {
    name,
    address,
    on,
    cutOff: async (others) => {
      const rules = others.flatMap((other) => [
        `-A INPUT -s ${other.address} -j DROP`,
        `-A OUTPUT -d ${other.address} -j DROP`,
      ]);
      // All rules take effect at the same moment.
      const restore = on(["iptables-restore", "--wait", "--noflush"]).join(" ");
      await sh([`${restore} <<END`, "*filter", ...rules, "COMMIT", "END"].join("\n"));
    },
    restore: async () => void (await sh(on(["iptables", "--wait", "-F"]).join(" "))),
  };
}

/**
 * Connects the machine to the bridge. Resolves with the first three numbers of the addresses. The link of the machine is
 * named after its subnet, which reserves the subnet: the kernel allows only one link of a name.
 */
async function plugIn(hub: string): Promise<string> {
  await sh(`ip -n ${hub} link add bridge type bridge && ip -n ${hub} link set bridge up`);
  for (let tries = 0; tries < 100; tries += 1) {
    const [x, y] = [byte(), byte()];
    const [subnet, link] = [`10.${x}.${y}`, `sidekick${hex(x)}${hex(y)}`];
    if (await isRouted(subnet)) continue;
    try {
      await sh(`ip link add ${link} type veth peer name machine netns ${hub}`);
    } catch (error) {
      if (String(error).includes("File exists")) continue;
      throw error;
    }
    await sh(`
      ip -n ${hub} link set machine master bridge up
      ip address add ${subnet}.254/24 dev ${link}
      ip link set ${link} up`);
    return subnet;
  }
  throw new Error("no subnet 10.x.y.0/24 is free for the tests on this machine");
}

const byte = () => Math.floor(Math.random() * 256);
const hex = (number: number) => number.toString(16).padStart(2, "0");

/** Whether the machine has a route, other than the default route, to the subnet or a part of it. */
async function isRouted(subnet: string): Promise<boolean> {
  const routes = await sh(`
    ip -4 route show match ${subnet}.0/24
    ip -4 route show root ${subnet}.0/24`);
  return routes.split("\n").some((route) => route !== "" && !route.startsWith("default"));
}

/** Removes the networks of processes that were killed before they could remove them. */
async function removeLeftovers(): Promise<void> {
  const names = await readdir("/run/netns").catch(() => []);
  const left = names.filter((name) => {
    const [, pid] = /^sidekick-(\d+)-/.exec(name) ?? [];
    return pid !== undefined && !isRunning(Number(pid));
  });
  // Another test may be removing them already.
  for (const name of left) await remove([name]).catch(() => {});
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

/** A link is removed together with either of its ends. */
async function remove(namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    await sh(`
      ip netns pids ${namespace} | xargs --no-run-if-empty kill -KILL || true
      ip -n ${namespace} link delete machine 2>/dev/null || true
      ip netns delete ${namespace}`);
  }
}

async function mustBePossible(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error("these tests create network namespaces, which needs root: use sudo");
  }
  await sh("ip -V && iptables-restore -V").catch((cause) => {
    const how = "apt-get install iproute2 iptables";
    throw new Error(`these tests create network namespaces with ip and iptables: ${how}`, {
      cause,
    });
  });
}

const run = promisify(execFile);

/** Runs a shell script up to the first failing command. Resolves with its standard output. */
async function sh(script: string): Promise<string> {
  return (await run("sh", ["-ec", script])).stdout;
}
