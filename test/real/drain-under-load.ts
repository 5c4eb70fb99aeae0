import { writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { registeredApp } from "./registered-app.ts";
import { type App, sidekick, startSidekick } from "./sidekick.ts";

/** The outcome of the requests while instances were drained and killed, one after the other. */
export interface DrainResult {
  readonly answered: number;
  readonly failures: readonly string[];
  /** How long each `sidekick drain --wait` took, in milliseconds. */
  readonly tookMs: readonly number[];
}

/**
 * Drains two instances behind haproxy in turn under load, `rounds` times. Each instance is killed as soon as
 * `sidekick drain --wait` has returned, and is then started again and undrained.
 */
export async function drainUnderLoad(t: TestContext, rounds: number): Promise<DrainResult> {
  const [etcd, folder, port] = [await startEtcd(t), await throwAwayFolder(t), await freePort()];
  const master = join(folder, "master.sock");
  const target = join(folder, "haproxy.cfg");
  await writeFile(
    join(folder, "watch.yaml"),
    JSON.stringify({
      keyspace: etcd.url,
      watch: {
        templates: [{ source: "haproxy.cfg.hbs", target, proxy: { type: "haproxy", master } }],
      },
    }),
  );
  const url = `http://127.0.0.1:${port}/`;
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const options = { cwd: folder, env };
  const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], options);
  const instances: Instance[] = [];
  for (const name of ["one", "two"])
    instances.push(await Instance.start(t, etcd.url, folder, name));
  const isServed = ({ app }: Instance) =>
    eventually(`${app.name} is served`, async () => (await fetchOnce(url)).body === app.name);
  await eventually("the file is written", () =>
    watching.output().includes('"event":"file_written"'),
  );
  await startHaproxy(t, { config: target });
  for (const instance of instances) await isServed(instance);

  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  // No client or proxy repeats a POST that was sent.
  const post = { method: "POST" };
  const requests = [keepRequesting(url, post), keepRequesting(url, { ...post, agent })];
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const instance = instances[round % 2] as Instance;
    tookMs.push(await instance.drainAndKill());
    await instance.restart();
    await isServed(instance);
  }
  const failures = (await Promise.all(requests.map((one) => one.stop()))).flat();
  const answered = requests.reduce((sum, one) => sum + one.answered(), 0);
  return { answered, failures, tookMs };
}

/** An application and the agent that registers it. */
class Instance {
  readonly app: App;
  readonly #t: TestContext;
  readonly #folder: string;

  private constructor(t: TestContext, folder: string, app: App) {
    this.app = app;
    this.#t = t;
    this.#folder = folder;
  }

  static async start(t: TestContext, keyspace: string, folder: string, name: string) {
    const { app } = await registeredApp(t, keyspace, folder, name);
    return new Instance(t, folder, app);
  }

  /** Resolves with the duration of the command in milliseconds. */
  async drainAndKill(): Promise<number> {
    const startMs = performance.now();
    const drained = await this.#call("drain", "--all", "--wait");
    await this.app.kill();
    if (drained.code !== 0) throw new Error(`sidekick drain failed:\n${drained.output}`);
    return performance.now() - startMs;
  }

  /** Starts the application again. */
  async restart(): Promise<void> {
    this.app.restart();
    const undrained = await this.#call("undrain", "--all");
    if (undrained.code !== 0) throw new Error(`sidekick undrain failed:\n${undrained.output}`);
  }

  async #call(command: string, ...options: readonly string[]) {
    const args = [command, "-c", `${this.app.name}.yaml`, ...options];
    return await sidekick(this.#t, args, { cwd: this.#folder });
  }
}
