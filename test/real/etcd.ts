import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  eventually,
  freePort,
  outputOf,
  type Running,
  start,
  throwAwayFolder,
} from "../support/process.ts";
import { type Authority, type Certificates, makeCertificates } from "./certificates.ts";

export interface EtcdOptions {
  /** Serves TLS, and asks clients for a certificate. */
  readonly tls?: boolean;
}

/** A real etcd of one member on a free port, with a throw-away folder; it ends with the test. */
export interface Etcd {
  /** For a configuration: `etcd://127.0.0.1:port`, or `etcds://…`. */
  readonly url: string;
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  /** The certificates of a client; undefined without TLS. */
  readonly certificates: Certificates | undefined;
  readonly pid: number;
  /** Runs etcdctl (API 3) and resolves with its output. Rejects if it fails. */
  etcdctl(...args: string[]): Promise<string>;
  /** Sends SIGKILL and waits until the process has ended. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with its data unless `wiped`, or with those that were saved in the file `restored`. */
  restart(how?: { wiped?: boolean; restored?: string }): Promise<void>;
  /** The value of a metric since its start, summed over its labels. */
  metric(name: string): Promise<number>;
}

export async function startEtcd(
  t: Pick<TestContext, "after" | "signal">,
  { tls = false }: EtcdOptions = {},
): Promise<Etcd> {
  const folder = await throwAwayFolder(t);
  const [port, peerPort] = [await freePort(), await freePort()];
  const authority = tls ? await makeCertificates(folder, ["127.0.0.1"]) : undefined;
  const certificates = authority?.client;
  const endpoint = `127.0.0.1:${port}`;
  const client = `${tls ? "https" : "http"}://${endpoint}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  let [data, running] = [0, undefined as Running | undefined];

  const etcdctl = async (...args: string[]): Promise<string> => {
    const access = certificates
      ? Object.entries({ cacert: certificates.ca, cert: certificates.cert, key: certificates.key })
      : [];
    const argv = ["etcdctl", `--endpoints=${client}`, "--dial-timeout=1s"];
    argv.push(...access.map(([name, path]) => `--${name}=${path}`), ...args);
    return await outputOf(argv, { env: { ETCDCTL_API: "3" } });
  };

  const begin = async () => {
    const server = start(t, [
      "etcd",
      ...["--name=one", `--data-dir=${join(folder, `data-${data}`)}`],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
      ...[`--initial-cluster=one=${peer}`, "--log-level=warn"],
      // The shortest lease is one and a half election timeouts: 1 s with these settings.
      ...["--heartbeat-interval=50", "--election-timeout=500"],
      ...(authority ? serverFlags(authority) : []),
    ]);
    running = server;
    await eventually("etcd answers", () => etcdctl("get", "/health").then(yes, ifAuthOnly));
  };

  /** With the token of the cluster, so that its id stays the same. */
  const restore = async (file: string) => {
    const argv = ["etcdctl", "snapshot", "restore", file, "--name=one"];
    argv.push(`--data-dir=${join(folder, `data-${data}`)}`, `--initial-cluster=one=${peer}`);
    argv.push(`--initial-advertise-peer-urls=${peer}`);
    await outputOf(argv, { env: { ETCDCTL_API: "3" } });
  };

  await begin();
  return {
    url: `${tls ? "etcds" : "etcd"}://${endpoint}`,
    endpoint,
    certificates,
    get pid() {
      return running?.pid ?? -1;
    },
    etcdctl,
    kill: async () => void (await running?.stop("SIGKILL")),
    restart: async ({ wiped = false, restored } = {}) => {
      if (wiped || restored) data += 1;
      if (restored) await restore(restored);
      await begin();
    },
    metric: async (name) => {
      const text = await (await fetch(`${client}/metrics`)).text();
      const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"))];
      return values.reduce((sum, [, value]) => sum + Number(value), 0);
    },
  };
}

const yes = (): true => true;

/** An etcd that requires authentication is ready. */
function ifAuthOnly(error: Error): true {
  if (error.message.includes("user name is empty")) return true;
  throw error;
}

function serverFlags({ server }: Authority): string[] {
  return [
    "--client-cert-auth",
    `--trusted-ca-file=${server.ca}`,
    `--cert-file=${server.cert}`,
    `--key-file=${server.key}`,
  ];
}
