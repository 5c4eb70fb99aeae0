import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { run } from "../../lib/base/exec.ts";
import { eventually, freePort, type Running, start, throwAwayFolder } from "./process.ts";

export interface EtcdOptions {
  /** Serves TLS, and asks clients for a certificate. */
  readonly tls?: boolean;
}

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A real etcd of one member on a free port, with a throw-away folder; it ends with the test. */
export interface Etcd {
  /** For a configuration: `etcd://127.0.0.1:port`, or `etcds://…`. */
  readonly url: string;
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  /** Those of a client, where it serves TLS. */
  readonly certificates: Certificates | undefined;
  readonly pid: number;
  /** Runs etcdctl (API 3) against it and resolves with what it printed; rejects unless it succeeds. */
  etcdctl(...args: string[]): Promise<string>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
  /** Starts it again on the same port and, unless `wiped`, the same data. */
  restart(how?: { wiped?: boolean }): Promise<void>;
}

export async function startEtcd(
  t: Pick<TestContext, "after" | "signal">,
  { tls = false }: EtcdOptions = {},
): Promise<Etcd> {
  const folder = await throwAwayFolder(t);
  const [port, peerPort] = [await freePort(), await freePort()];
  const certificates = tls ? await makeCertificates(folder, t.signal) : undefined;
  const endpoint = `127.0.0.1:${port}`;
  const client = `${tls ? "https" : "http"}://${endpoint}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  let [data, running] = [0, undefined as Running | undefined];

  const etcdctl = async (...args: string[]): Promise<string> => {
    const access = certificates
      ? Object.entries({ cacert: certificates.ca, cert: certificates.cert, key: certificates.key })
      : [];
    const argv = ["env", "ETCDCTL_API=3", "etcdctl", `--endpoints=${client}`, "--dial-timeout=1s"];
    argv.push(...access.map(([name, path]) => `--${name}=${path}`), ...args);
    const done = await run({ argv, timeoutMs: 10_000 }, systemClock, t.signal);
    if (!done.ok) throw new Error(`etcdctl ${args.join(" ")}: ${done.how}\n${done.output}`);
    return done.output;
  };

  const begin = async () => {
    const server = start(t, [
      "etcd",
      ...["--name=one", `--data-dir=${join(folder, `data-${data}`)}`],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
      ...[`--initial-cluster=one=${peer}`, "--log-level=warn"],
      // The shortest lease is one and a half elections long: with these it is 1 s.
      ...["--heartbeat-interval=50", "--election-timeout=500"],
      ...(certificates ? ["--client-cert-auth", ...serverFlags(folder, certificates)] : []),
    ]);
    running = server;
    await eventually("etcd answers", () => etcdctl("get", "/health").then(yes, ifAuthOnly), 15_000);
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
    restart: async ({ wiped = false } = {}) => {
      if (wiped) data += 1;
      await begin();
    },
  };
}

const yes = (): true => true;

/** An etcd that only wants to know who asks is up. */
function ifAuthOnly(error: Error): true {
  if (error.message.includes("user name is empty")) return true;
  throw error;
}

/** An authority, and certificates by it for the server and for a client whose name is `app`. */
async function makeCertificates(folder: string, signal: AbortSignal): Promise<Certificates> {
  const tls = join(folder, "tls");
  await mkdir(tls);
  const openssl = async (...args: string[]) => {
    const done = await run(
      { argv: ["openssl", ...args], timeoutMs: 10_000, cwd: tls },
      systemClock,
      signal,
    );
    if (!done.ok) throw new Error(`openssl ${args[0]}: ${done.how}\n${done.output}`);
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-subj",
    "/CN=ca",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
  );
  await writeFile(
    join(tls, "names"),
    "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n",
  );
  for (const [name, subject] of [
    ["server", "/CN=etcd"],
    ["client", "/CN=app"],
  ] as const) {
    const [key, request, cert] = [`${name}.key`, `${name}.csr`, `${name}.crt`];
    await openssl("req", ...newKey, "-subj", subject, "-keyout", key, "-out", request);
    const by = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
    await openssl("x509", "-req", "-in", request, ...by, "-days", "2", "-out", cert);
  }
  return { ca: join(tls, "ca.crt"), cert: join(tls, "client.crt"), key: join(tls, "client.key") };
}

function serverFlags(folder: string, { ca }: Certificates): string[] {
  const tls = join(folder, "tls");
  return [
    `--trusted-ca-file=${ca}`,
    `--cert-file=${join(tls, "server.crt")}`,
    `--key-file=${join(tls, "server.key")}`,
  ];
}
