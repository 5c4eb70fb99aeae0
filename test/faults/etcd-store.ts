import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Etcd3 } from "etcd3";
import { isLeaseGone } from "../../lib/keyspace/etcd/errors.ts";
import { rangesOf } from "../../lib/keyspace/etcd/ranges.ts";
import { type Authority, type Certificates, makeCertificates } from "../real/certificates.ts";
import { atEnd, eventually, outputOf, stretched } from "../support/process.ts";
import { dataFolder } from "./data-folder.ts";
import { Line, Lines } from "./etcd-line.ts";
import { ServerMember } from "./member.ts";
import type { Host, Network } from "./network.ts";
import type { Reading, Store } from "./store.ts";

export interface EtcdStoreOptions {
  readonly members: 1 | 3;
  /** Serves TLS, and asks clients for a certificate. */
  readonly tls?: boolean;
  /** More for the command line of each member. */
  readonly args?: readonly string[];
}

export interface EtcdStore extends Store {
  /** Those of a client, where it serves TLS. */
  readonly certificates: Certificates | undefined;
  /** Runs etcdctl (API 3) against all members and resolves with what it printed; rejects unless it succeeds. */
  etcdctl(...args: readonly string[]): Promise<string>;
  /** From here on all but `etcdctl` is done as this user: once authentication is on nobody else may. */
  logIn(user: string, password: string): void;
}

/** How long one member may take for a call, and all members together for a read, in milliseconds. */
const [callMs, readMs] = [2000, 1200];

/** A real etcd, which ends with the test. */
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
      answers: async () => (count === 1 ? await serves(line) : await runs(host)),
    });
    const line = new Line(member, tls, { ...certificates });
    return { member, line };
  });
  const members = each.map(({ member }) => member);
  const lines = new Lines(each.map(({ line }) => line));
  atEnd(t, () => lines.close());
  await Promise.all(members.map((member) => member.restart()));
  await eventually("all serve", async () => (await lines.serving()).length === count);

  const endpoints = members.map(({ endpoint }) => endpoint).join(",");
  return {
    kind: "etcd",
    url: `${tls ? "etcds" : "etcd"}://${endpoints}`,
    members,
    certificates,
    leader: () => lines.leader(),
    serving: () => lines.serving(),
    read: (below) => lines.call((client) => list(client, below), stretched(readMs / count)),
    write: async (key, value) => {
      const entry = { key: Buffer.from(key), value: Buffer.from(value) };
      await lines.call((client) => client.kv.put(entry), stretched(callMs));
    },
    remove: async (key) => {
      await lines.call(
        (client) => client.kv.deleteRange({ key: Buffer.from(key) }),
        stretched(callMs),
      );
    },
    sessions: () => lines.call(listLeases, stretched(callMs)),
    endSession: async (id) => {
      const ID = BigInt(`0x${id}`).toString();
      const revoke = (client: Etcd3) => client.leaseClient.leaseRevoke({ ID }).catch(ifGone);
      await lines.call(revoke, stretched(callMs));
    },
    etcdctl: async (...asked) => {
      const scheme = tls ? "https" : "http";
      const awake = members.filter(({ awake }) => awake);
      const where = awake.map(({ endpoint }) => `${scheme}://${endpoint}`).join(",");
      return await etcdctl(where, certificates, asked);
    },
    logIn: (user, password) => lines.logIn({ ...certificates, user, password }),
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
    // The shortest lease is one and a half elections long: with these it is 1 s.
    ...["--heartbeat-interval=50", "--election-timeout=500"],
    ...(authority ? serverFlags(authority.server) : []),
  ];
}

function serverFlags({ ca, cert, key }: Certificates): readonly string[] {
  const flags = ["--client-cert-auth", `--trusted-ca-file=${ca}`];
  return [...flags, `--cert-file=${cert}`, `--key-file=${key}`];
}

async function serves(line: Line): Promise<boolean> {
  const { leader } = await line.call((client) => client.maintenance.status(), stretched(1000));
  return leader !== "0";
}

/** With a majority of the others away it runs, but answers no client. */
async function runs({ address }: Host): Promise<boolean> {
  const signal = AbortSignal.timeout(stretched(1000));
  return (await fetch(`http://${address}:${peerPort}/version`, { signal })).ok;
}

/** Not from the memory of one member, but as a majority has it. */
async function list(client: Etcd3, folder: string): Promise<Reading> {
  const [ranges] = rangesOf([folder]);
  const { kvs, header } = await client.kv.range({ ...ranges?.below });
  const entries = kvs.map(
    ({ key, value, lease, create_revision: made }) =>
      [
        key.toString(),
        { value: value.toString(), owner: lease === "0" ? undefined : nameOf(lease), made },
      ] as const,
  );
  return { entries: new Map(entries), changes: new Map([["", Number(header.revision)]]) };
}

async function listLeases(client: Etcd3): Promise<readonly string[]> {
  // What a member knows by itself may be old, but not once it has answered this.
  await client.kv.range({ key: Buffer.from("/"), count_only: true });
  const { leases } = await client.leaseClient.leaseLeases();
  return leases.map(({ ID }) => nameOf(ID));
}

/** As etcdctl prints it. */
function nameOf(lease: string): string {
  return BigInt(lease).toString(16).padStart(16, "0");
}

function ifGone(error: unknown): void {
  if (!isLeaseGone(error)) throw error;
}

async function etcdctl(
  endpoints: string,
  certificates: Certificates | undefined,
  asked: readonly string[],
): Promise<string> {
  const { ca, cert, key } = certificates ?? {};
  const access = ca ? [`--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`] : [];
  const argv = ["etcdctl", `--endpoints=${endpoints}`, ...access, ...asked];
  return await outputOf(argv, { env: { ETCDCTL_API: "3" } });
}
