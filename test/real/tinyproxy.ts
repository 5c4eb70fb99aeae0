import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually, freePort, start, throwAwayFolder } from "../support/process.ts";

/** A real HTTP proxy on this machine, until the end of the test. */
export interface Tinyproxy {
  readonly port: number;
  /** What it has been asked for, one line each: `CONNECT 127.0.0.1:443 HTTP/1.1`. */
  requests(): Promise<readonly string[]>;
}

/** Starts one that tunnels to this port alone. */
export async function startTinyproxy(t: TestContext, connectPort: number): Promise<Tinyproxy> {
  const folder = await throwAwayFolder(t);
  const port = await freePort();
  const [config, log] = [join(folder, "tinyproxy.conf"), join(folder, "log")];
  const lines = [
    ...[`Port ${port}`, "Listen 127.0.0.1", "Timeout 600", "MaxClients 20"],
    ...[`LogFile "${log}"`, "LogLevel Connect", `ConnectPort ${connectPort}`],
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  const running = start(t, ["tinyproxy", "-d", "-c", config]);
  await eventually("tinyproxy listens", async () => {
    if (running.child.exitCode !== null) throw new Error(running.output());
    const socket = connect(port, "127.0.0.1");
    return await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    }).finally(() => socket.destroy());
  });
  return {
    port,
    async requests() {
      const text = await readFile(log, "utf8");
      return [...text.matchAll(/Request \(file descriptor \d+\): (.*)/g)].map(
        ([, line = ""]) => line,
      );
    },
  };
}
