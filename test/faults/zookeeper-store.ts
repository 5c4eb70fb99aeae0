import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Authority, makeCertificates } from "../real/certificates.ts";
import { jars, secureSettings } from "../real/zookeeper.ts";
import { endSession } from "../real/zookeeper-sessions.ts";
import { atEnd, eventually, stretched } from "../support/process.ts";
import { dataFolder } from "./data-folder.ts";
import { ServerMember } from "./member.ts";
import type { Host, Network } from "./network.ts";
import type { Store } from "./store.ts";
import { listBelow, removeNode, writeNode } from "./zookeeper-entries.ts";
import { leaderOf, send4lw, statesOf } from "./zookeeper-leader.ts";
import { LeaderClient } from "./zookeeper-leader-client.ts";

export interface ZookeeperStoreOptions {
  readonly members: 1 | 3;
  /** Also serves TLS, which `url` then uses, and requires client certificates. */
  readonly tls?: boolean;
}

/** The time limits of a write, and of a read, which is repeated all the time; in milliseconds. */
const [callMs, readMs] = [5000, 1000];

/** A real ZooKeeper until the end of the test. A member detects within 2 s that it has lost the others. */
export async function startZookeeperStore(
  t: Pick<TestContext, "after">,
  network: Network,
  { members: count, tls = false }: ZookeeperStoreOptions,
): Promise<Store> {
  const names = Array.from({ length: count }, (_, i) => `zookeeper${i + 1}`);
  const hosts = await Promise.all(names.map((name) => network.host(name)));
  const folder = await dataFolder(t);
  const addresses = hosts.map(({ address }) => address);
  const authority = tls ? await makeCertificates(folder, addresses) : undefined;
  const members = hosts.map((host) => memberOf(t, host, hosts, folder, authority));
  const client = new LeaderClient(members);
  atEnd(t, () => client.close());
  await Promise.all(members.map((member) => member.restart()));
  await eventually("all members serve", async () => (await statesOf(members)).length === count);
  await eventually("there is a leader", () => leaderOf(members));

  return {
    kind: "zookeeper",
    certificates: authority?.client,
    url: tls
      ? `zks://${addresses.map((address) => `${address}:${securePort}`).join(",")}`
      : `zk://${members.map(({ endpoint }) => endpoint).join(",")}`,
    members,
    leader: async () => await leaderOf(members),
    serving: async () => (await statesOf(members)).map(({ member }) => member),
    read: async (below) =>
      await client.call(listBelow(below), AbortSignal.timeout(stretched(readMs))),
    write: async (key, value) =>
      await client.call(writeNode(key, value), AbortSignal.timeout(stretched(callMs))),
    remove: async (key) =>
      await client.call(removeNode(key), AbortSignal.timeout(stretched(callMs))),
    sessions: async () => {
      const dump = await send4lw(await leaderOf(members), "dump");
      const [tracked = ""] = dump.split("ephemeral nodes dump");
      const ids = [...tracked.matchAll(/^\t0x([\da-f]+)/gm)].map(([, id = ""]) => id);
      return ids.filter((id) => !client.sessions.has(id));
    },
    endSession: async (id) => await endSession((await leaderOf(members)).endpoint, id),
  };
}

function memberOf(
  t: Pick<TestContext, "after">,
  host: Host,
  hosts: readonly Host[],
  below: string,
  authority: Authority | undefined,
): ServerMember {
  const [folder, file] = [join(below, host.name), join(below, `${host.name}.cfg`)];
  const alone = hosts.length === 1;
  const member: ServerMember = new ServerMember(t, {
    ...{ host, port, folder, alone },
    prepare: async () => {
      await writeFile(join(folder, "myid"), String(1 + hosts.indexOf(host)));
      const secure = `${host.address}:${securePort}`;
      const lines = Object.entries({
        dataDir: folder,
        ...settings,
        ...(alone ? {} : quorum(hosts)),
        ...(authority && (await secureSettings(below, secure, authority))),
      });
      await writeFile(file, lines.map(([name, value]) => `${name}=${value}\n`).join(""));
      return [...java, file];
    },
    // Without a majority the process runs, but does not serve clients.
    answers: async () => {
      const answer = await send4lw(member, "srvr");
      return alone ? answer.includes("Mode:") : answer !== "";
    },
  });
  return member;
}

const [port, securePort] = [2181, 2281];

const settings = {
  clientPort: port,
  // The shortest session timeout is two ticks; sessions expire at a tick.
  tickTime: 250,
  minSessionTimeout: 500,
  maxSessionTimeout: 120_000,
  maxClientCnxns: 0,
  preAllocSize: 1024,
  "admin.enableServer": false,
  "4lw.commands.whitelist": "*",
};

function quorum(hosts: readonly Host[]): Readonly<Record<string, string | number>> {
  const servers = hosts.map(({ address }, i) => [`server.${i + 1}`, `${address}:2888:3888`]);
  // In ticks. A member without contact for `syncLimit` leaves the quorum and closes its client connections.
  return { initLimit: 20, syncLimit: 6, ...Object.fromEntries(servers) };
}

const java = [
  ...["java", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"],
  "-Dzookeeper.forceSync=no",
  // By default an election waits 5 s for a member that does not answer, and a member that was cut off sends its
  // notifications less and less often, finally once a minute.
  "-Dzookeeper.cnxTimeout=500",
  "-Dzookeeper.fastleader.maxNotificationInterval=1000",
  ...["-cp", jars],
  "org.apache.zookeeper.server.quorum.QuorumPeerMain",
];
