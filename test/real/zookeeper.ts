import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { eventually, freePort, type Running, start, throwAwayFolder } from "./process.ts";

/** A real ZooKeeper of one member on a free port, with a throw-away folder; it ends with the test. */
export interface Zookeeper {
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  /** For a configuration: `zk://127.0.0.1:port`. */
  readonly url: string;
  readonly pid: number;
  /** Asks one of its four-letter words and resolves with the answer. */
  ask(word: string): Promise<string>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
  /** Starts it again on the same port and the same data. */
  restart(): Promise<void>;
}

/** Where Debian keeps it, with all that it needs named in its manifest. */
const jar = "/usr/share/java/zookeeper.jar";

const java = ["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];

export async function startZookeeper(t: Pick<TestContext, "after">): Promise<Zookeeper> {
  const folder = await throwAwayFolder(t);
  const port = await freePort();
  const settings = {
    dataDir: join(folder, "data"),
    clientPort: port,
    clientPortAddress: "127.0.0.1",
    // The shortest session is of two ticks, and ends on one.
    tickTime: 250,
    minSessionTimeout: 500,
    maxSessionTimeout: 120_000,
    maxClientCnxns: 0,
    "admin.enableServer": false,
    "4lw.commands.whitelist": "*",
  };
  const file = join(folder, "zoo.cfg");
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await mkdir(settings.dataDir);
  await writeFile(file, lines.join(""));
  let running: Running | undefined;

  const ask = async (word: string): Promise<string> => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(1000, () => socket.destroy(new Error("no answer")));
    socket.write(word);
    return await text(socket);
  };
  const begin = async () => {
    const unsafe = "-Dzookeeper.forceSync=no";
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
    running = start(t, ["java", ...java, unsafe, "-cp", jar, main, file]);
    await eventually(
      "ZooKeeper answers",
      async () => (await ask("srvr")).includes("Mode:"),
      20_000,
    );
  };

  await begin();
  return {
    endpoint: `127.0.0.1:${port}`,
    url: `zk://127.0.0.1:${port}`,
    get pid() {
      return running?.pid ?? -1;
    },
    ask,
    kill: async () => void (await running?.stop("SIGKILL")),
    restart: begin,
  };
}
