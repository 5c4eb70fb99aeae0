import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Etcd3 } from "etcd3";
import { isLeaseGone } from "../../lib/keyspace/etcd/errors.ts";
import { rangesOf } from "../../lib/keyspace/etcd/ranges.ts";
import { type Authority, type Certificates, makeCertificates } from "../real/certificates.ts";
import { atEnd, eventually, outputOf, stretched } from "../support/process.ts";
import { dataFolder } from "./data-folder.ts";
import { MemberClient, MemberClients } from "./etcd-member-client.ts";
import { ServerMember } from "./member.ts";
import type { Host, Network } from "./network.ts";
import type { Reading, Store } from "./store.ts";

export interface EtcdStoreOptions {
  readonly members: 1 | 3;
  /** Serves TLS and requires client certificates. */
  readonly tls?: boolean;
  /** Added to the command line of each member. */
  readonly args?: readonly string[];
}

export interface EtcdStore extends Store {
  /** The certificates of a client; undefined without TLS. */
  readonly certificates: Certificates | undefined;
  /** Runs etcdctl (API 3) with all running members and resolves with its output. Rejects if it fails. */
  etcdctl(...args: readonly string[]): Promise<string>;
  /** Acts as this user from now on, except in `etcdctl`. Required while authentication is enabled. */
  logIn(user: string, password: string): void;
}

/** The time limits of a call of one member, and of a read of all members together, in milliseconds. */
const [callMs, readMs] = [2000, 1200];

/** A real etcd until the end of the test. */
export async function startEtcdStore(
  t: Pick<TestContext, "after">,
  network: Network,
  { members: count, tls = false, args = [] }: EtcdStoreOptions,
): Promise<EtcdStore> {
  const names = Array.from({ length: count }, (_, i) => `etcd${i + 1}`);
  const hosts = await Promise.all(names.map((name) => network.host(name)));
  const folder = await dataFolder(t);
  const addresses = hosts.map(({ address }) => address);
  const authority = tls ? await makeCertificates(folder, addresses) : undefined;
  const certificates = authority?.client;
  const each = hosts.map((host) => {
    const member: ServerMember = new ServerMember(t, {
      ...{ host, port: clientPort, folder: join(folder, host.name), alone: count === 1 },
      prepare: async () => [...etcd(host, hosts, join(folder, host.name), authority), ...args],
      answers: async () => (count === 1 ? await serves(client) : await runs(host)),
    });
    const client = new MemberClient(member, tls, { ...certificates });
    return { member, client };
  });
  const members = each.map(({ member }) => member);
  const clients = new MemberClients(each.map(({ client }) => client));
  atEnd(t, () => clients.close());
  await Promise.all(members.map((member) => member.restart()));
  await eventually("all members serve", async () => (await clients.serving()).length === count);

  const endpoints = members.map(({ endpoint }) => endpoint).join(",");
  return {
    kind: "etcd",
    url: `${tls ? "etcds" : "etcd"}://${endpoints}`,
    members,
    certificates,
    leader: () => clients.leader(),
    serving: () => clients.serving(),
    read: (below) => clients.call((client) => list(client, below), stretched(readMs / count)),
    write: async (key, value) => {
      const entry = { key: Buffer.from(key), value: Buffer.from(value) };
      await clients.call((client) => client.kv.put(entry), stretched(callMs));
    },
    remove: async (key) => {
      await clients.call(
        (client) => client.kv.deleteRange({ key: Buffer.from(key) }),
        stretched(callMs),
      );
    },
    sessions: () => clients.call(listLeases, stretched(callMs)),
    endSession: async (id) => {
      const ID = BigInt(`0x${id}`).toString();
      const revoke = (client: Etcd3) => client.leaseClient.leaseRevoke({ ID }).catch(ifGone);
      await clients.call(revoke, stretched(callMs));
    },
    etcdctl: async (...args) => {
      const scheme = tls ? "https" : "http";
      const awake = members.filter(({ awake }) => awake);
      const where = awake.map(({ endpoint }) => `${scheme}://${endpoint}`).join(",");
      return await etcdctl(where, certificates, args);
    },
    logIn: (user, password) => clients.logIn({ ...certificates, user, password }),
  };
}

const [clientPort, peerPort] = [2379, 2380];

/** The command line of a member. */
function etcd(
  { name, address }: Host,
  hosts: readonly Host[],
  folder: string,
  authority: Authority | undefined,
): readonly string[] {
  const client = `${authority ? "https" : "http"}://${address}:${clientPort}`;
  const [peer, ...peers] = [address, ...hosts.map((host) => host.address)].map(
    (of) => `http://${of}:${peerPort}`,
  );
  const cluster = hosts.map((host, i) => `${host.name}=${peers[i]}`).join(",");
  return [
    ...["etcd", `--name=${name}`, `--data-dir=${folder}`, "--log-level=warn"],
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
    `--initial-cluster=${cluster}`,
    // The shortest lease is one and a half election timeouts: 1 s with these settings.
    ...["--heartbeat-interval=50", "--election-timeout=500"],
    ...(authority ? serverFlags(authority.server) : []),
  ];
}

function serverFlags({ ca, cert, key }: Certificates): readonly string[] {
  const flags = ["--client-cert-auth", `--trusted-ca-file=${ca}`];
  return [...flags, `--cert-file=${cert}`, `--key-file=${key}`];
}

async function serves(client: MemberClient): Promise<boolean> {
  const { leader } = await client.call(({ maintenance }) => maintenance.status(), stretched(1000));
  return leader !== "0";
}

/** Whether the process answers its peers: without a majority it answers no client. */
async function runs({ address }: Host): Promise<boolean> {
  const signal = AbortSignal.timeout(stretched(1000));
  return (await fetch(`http://${address}:${peerPort}/version`, { signal })).ok;
}

/** A linearizable read: the state of a majority, not that of one member. */
async function list(client: Etcd3, folder: string): Promise<Reading> {
  const [ranges] = rangesOf([folder]);
  const { kvs, header } = await client.kv.range({ ...ranges?.below });
  const entries = kvs.map(
    ({ key, value, lease, create_revision: created }) =>
      [
        key.toString(),
        { value: value.toString(), owner: lease === "0" ? undefined : nameOf(lease), created },
      ] as const,
  );
  return { entries: new Map(entries), changes: new Map([["", Number(header.revision)]]) };
}

async function listLeases(client: Etcd3): Promise<readonly string[]> {
  // The list of one member may be stale, but not after this linearizable read.
  await client.kv.range({ key: Buffer.from("/"), count_only: true });
  const { leases } = await client.leaseClient.leaseLeases();
  return leases.map(({ ID }) => nameOf(ID));
}

/** The id of a lease in the format of etcdctl. */
function nameOf(lease: string): string {
  return BigInt(lease).toString(16).padStart(16, "0");
}

function ifGone(error: unknown): void {
  if (!isLeaseGone(error)) throw error;
}

async function etcdctl(
  endpoints: string,
  certificates: Certificates | undefined,
  args: readonly string[],
): Promise<string> {
  const { ca, cert, key } = certificates ?? {};
  const access = ca ? [`--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`] : [];
  const argv = ["etcdctl", `--endpoints=${endpoints}`, ...access, ...args];
  return await outputOf(argv, { env: { ETCDCTL_API: "3" } });
}
