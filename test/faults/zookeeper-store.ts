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
import { askWord, leaderOf, standingsOf } from "./zookeeper-leader.ts";
import { LeaderLink } from "./zookeeper-link.ts";

export interface ZookeeperStoreOptions {
  readonly members: 1 | 3;
  /** Serves TLS as well, and asks clients for a certificate: that is where `url` leads. */
  readonly tls?: boolean;
}

/** Limits of a call, in milliseconds: of one that somebody waits for, and of one that is made ever again. */
const [callMs, readMs] = [5000, 1000];

/** A real ZooKeeper, which ends with the test. A member that loses the others notices within 2 s. */
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
  const link = new LeaderLink(members);
  atEnd(t, () => link.close());
  await Promise.all(members.map((member) => member.restart()));
  await eventually("all serve", async () => (await standingsOf(members)).length === count);
  await eventually("one leads", () => leaderOf(members));

  return {
    kind: "zookeeper",
    certificates: authority?.client,
    url: tls
      ? `zks://${addresses.map((address) => `${address}:${securePort}`).join(",")}`
      : `zk://${members.map(({ endpoint }) => endpoint).join(",")}`,
    members,
    leader: async () => await leaderOf(members),
    serving: async () => (await standingsOf(members)).map(({ member }) => member),
    read: async (below) =>
      await link.call(listBelow(below), AbortSignal.timeout(stretched(readMs))),
    write: async (key, value) =>
      await link.call(writeNode(key, value), AbortSignal.timeout(stretched(callMs))),
    remove: async (key) => await link.call(removeNode(key), AbortSignal.timeout(stretched(callMs))),
    sessions: async () => {
      const dump = await askWord(await leaderOf(members), "dump");
      const [tracked = ""] = dump.split("ephemeral nodes dump");
      const ids = [...tracked.matchAll(/^\t0x([\da-f]+)/gm)].map(([, id = ""]) => id);
      return ids.filter((id) => !link.sessions.has(id));
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
    // With a majority of the others away it runs, but does not serve.
    answers: async () => {
      const answer = await askWord(member, "srvr");
      return alone ? answer.includes("Mode:") : answer !== "";
    },
  });
  return member;
}

const [port, securePort] = [2181, 2281];

const settings = {
  clientPort: port,
  // The shortest session is of two ticks, and ends on one.
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
  // In ticks. Who hears nothing for the latter leaves the others, and its clients leave it.
  return { initLimit: 20, syncLimit: 6, ...Object.fromEntries(servers) };
}

const java = [
  ...["java", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"],
  "-Dzookeeper.forceSync=no",
  // Otherwise an election waits 5 s for a member that does not answer, and one that was cut off
  // announces itself ever more rarely, once a minute in the end.
  "-Dzookeeper.cnxTimeout=500",
  "-Dzookeeper.fastleader.maxNotificationInterval=1000",
  ...["-cp", jars],
  "org.apache.zookeeper.server.quorum.QuorumPeerMain",
];
