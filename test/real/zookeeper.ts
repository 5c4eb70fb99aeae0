import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { eventually, freePort, type Running, start, throwAwayFolder } from "../support/process.ts";
import { type Authority, inOneFile } from "./certificates.ts";

export interface ZookeeperOptions {
  /** Also serves TLS and requires client certificates. */
  readonly tls?: Authority;
}

/** A real ZooKeeper of one member on a free port, with a temporary data folder, until the end of the test. */
export interface Zookeeper {
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  /** For a configuration: `zk://127.0.0.1:port`. */
  readonly url: string;
  /** The address for TLS, if enabled. */
  readonly secureEndpoint: string;
  readonly pid: number;
  /** Sends a four-letter-word command and resolves with the answer. */
  send4lw(word: string): Promise<string>;
  /** Sends SIGKILL and waits until the process has ended. */
  kill(): Promise<void>;
  /** Starts it again on the same port with its data. */
  restart(): Promise<void>;
}

/**
 * The class path in Debian's package. The manifest of zookeeper.jar lists its dependencies, except for two that only TLS
 * needs.
 */
export const jars = ["zookeeper", "netty-codec", "netty-resolver"]
  .map((name) => `/usr/share/java/${name}.jar`)
  .join(":");

const java = ["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];

export async function startZookeeper(
  t: Pick<TestContext, "after">,
  { tls }: ZookeeperOptions = {},
): Promise<Zookeeper> {
  const folder = await throwAwayFolder(t);
  const [port, securePort] = [await freePort(), await freePort()];
  const settings = {
    dataDir: join(folder, "data"),
    clientPort: port,
    clientPortAddress: "127.0.0.1",
    // The shortest session timeout is two ticks; sessions expire at a tick.
    tickTime: 250,
    minSessionTimeout: 500,
    maxSessionTimeout: 120_000,
    maxClientCnxns: 0,
    "admin.enableServer": false,
    "4lw.commands.whitelist": "*",
    ...(tls && (await secureSettings(folder, `127.0.0.1:${securePort}`, tls))),
  };
  const file = join(folder, "zoo.cfg");
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await mkdir(settings.dataDir);
  await writeFile(file, lines.join(""));
  let running: Running | undefined;

  const send4lw = async (word: string): Promise<string> => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(1000, () => socket.destroy(new Error("no answer")));
    socket.write(word);
    return await text(socket);
  };
  const begin = async () => {
    const unsafe = "-Dzookeeper.forceSync=no";
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    running = start(t, ["java", ...java, unsafe, "-cp", jars, main, file]);
    await eventually("ZooKeeper answers", async () => (await send4lw("srvr")).includes("Mode:"));
    if (tls) await eventually("ZooKeeper serves TLS", () => isOpen(securePort));
  };

  await begin();
  return {
    endpoint: `127.0.0.1:${port}`,
    url: `zk://127.0.0.1:${port}`,
    secureEndpoint: `127.0.0.1:${securePort}`,
    get pid() {
      return running?.pid ?? -1;
    },
    send4lw,
    kill: async () => void (await running?.stop("SIGKILL")),
    restart: begin,
  };
}

/** The settings for TLS. By default ZooKeeper then requires client certificates. */
export async function secureSettings(
  folder: string,
  endpoint: string,
  { server }: Authority,
): Promise<Record<string, string>> {
  const [address = "", port = ""] = endpoint.split(":");
  return {
    serverCnxnFactory: "org.apache.zookeeper.server.NettyServerCnxnFactory",
    secureClientPort: port,
    secureClientPortAddress: address,
    "ssl.keyStore.location": await inOneFile(server, join(folder, "server.pem")),
    "ssl.keyStore.type": "PEM",
    "ssl.trustStore.location": server.ca,
    "ssl.trustStore.type": "PEM",
  };
}

async function isOpen(port: number): Promise<true> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  return true;
}
