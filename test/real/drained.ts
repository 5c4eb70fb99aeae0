import { writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually, freePort, type Running, throwAwayFolder } from "../support/process.ts";
import { keepAsking } from "./asking.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { type App, ask, sidekick, startApp, startSidekick } from "./sidekick.ts";

/** What became of requests while instances were drained and killed, one after the other. */
export interface Drains {
  readonly answered: number;
  readonly failures: readonly string[];
  /** How long each `sidekick drain --wait` took, in milliseconds. */
  readonly tookMs: readonly number[];
}

/**
 * Has two instances behind haproxy drained in turn under load, again and again; each is killed the moment that
 * `sidekick drain --wait` has returned, and started again.
 */
export async function drainAgainAndAgain(t: TestContext, rounds: number): Promise<Drains> {
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
    eventually(`${app.name} is served`, async () => (await ask(url)).text === app.name);
  await eventually("the file is there", () => watching.output().includes('"event":"file_written"'));
  await startHaproxy(t, { config: target });
  for (const instance of instances) await isServed(instance);

  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  // Nobody repeats a POST once it was sent.
  const post = { method: "POST" };
  const asking = [keepAsking(url, post), keepAsking(url, { ...post, agent })];
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const instance = instances[round % 2] as Instance;
    tookMs.push(await instance.drainAndKill());
    await instance.again();
    await isServed(instance);
  }
  const failures = (await Promise.all(asking.map((one) => one.stop()))).flat();
  const answered = asking.reduce((sum, one) => sum + one.answered(), 0);
  return { answered, failures, tookMs };
}

/** An application, and the agent that announces it. */
class Instance {
  readonly app: App;
  readonly #t: TestContext;
  readonly #folder: string;
  #agent: Running;

  private constructor(t: TestContext, folder: string, app: App) {
    this.app = app;
    this.#t = t;
    this.#folder = folder;
    this.#agent = this.#begin();
  }

  static async start(t: TestContext, keyspace: string, folder: string, name: string) {
    const app = await startApp(t, name);
    const checks = [{ type: "tcp", interval: "100ms", rise: 1 }];
    const service = { name: "web", host: "127.0.0.1", port: app.port, instance: name, checks };
    const config = { keyspace, presence: { drainDelay: "200ms", services: [service] } };
    await writeFile(join(folder, `${name}.yaml`), JSON.stringify(config));
    return new Instance(t, folder, app);
  }

  /** Resolves with how long the command took, in milliseconds. */
  async drainAndKill(): Promise<number> {
    const startMs = performance.now();
    const args = ["drain", "--wait", "-c", `${this.app.name}.yaml`];
    const { code, output } = await sidekick(this.#t, args, { cwd: this.#folder });
    await this.app.kill();
    if (code !== 0) throw new Error(`sidekick drain: exit code ${code}\n${output}`);
    return performance.now() - startMs;
  }

  /** The application is there again, and another agent that knows nothing of the drain. */
  async again(): Promise<void> {
    this.#agent.child.kill("SIGKILL");
    await this.#agent.ended;
    this.app.restart();
    this.#agent = this.#begin();
  }

  #begin(): Running {
    const args = ["presence", "-c", `${this.app.name}.yaml`];
    return startSidekick(this.#t, args, { cwd: this.#folder });
  }
}
