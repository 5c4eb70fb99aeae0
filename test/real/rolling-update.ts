import { writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { eventually, freePort, type Running, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { type RegisteredApp, registeredApp } from "./registered-app.ts";
import { type App, sidekick, startSidekick } from "./sidekick.ts";

export type RolledProxy = "haproxy" | "nginx";

/** The outcome of the requests while instances were replaced, one after the other. */
export interface RolledOut {
  readonly answered: number;
  readonly failures: readonly string[];
  /** How long each step took with each instance, in milliseconds. */
  readonly tookMs: Readonly<Record<Step, readonly number[]>>;
  /** The instances that answer in the end. */
  readonly answering: ReadonlySet<string>;
}

/** The start of the new application and agent; `wait --served` of the new one; `drain --wait` of the old one; its stop. */
export type Step = "start" | "served" | "drain" | "stop";

interface Front {
  /** The setting `proxy` of the template. */
  readonly proxy: object;
  readonly env: Readonly<Record<string, string>>;
  readonly target: string;
  /** Starts the proxy with the file that is written. */
  start(): Promise<unknown>;
}

/** Replaces `count` instances behind a proxy, under load, by commands alone: start, `wait --served`, `drain --wait`, stop. */
export async function rollingUpdate(
  t: TestContext,
  kind: RolledProxy,
  count: number,
): Promise<RolledOut> {
  const [etcd, folder, port] = [await startEtcd(t), await throwAwayFolder(t), await freePort()];
  const { target, proxy, env, start } = await fronts[kind](t, folder);
  const template = { source: `${kind}.${kind === "nginx" ? "conf" : "cfg"}.hbs`, target, proxy };
  const config = { keyspace: etcd.url, watch: { templates: [template] } };
  await writeFile(join(folder, "watch.yaml"), JSON.stringify(config));
  const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], {
    cwd: folder,
    env: { ...env, PROXY_LISTEN: `127.0.0.1:${port}` },
  });
  const names = Array.from({ length: count }, (_, i) => String(i));
  const begin = (name: string) => Instance.start(t, etcd.url, folder, name);
  const old = await Promise.all(names.map((name) => begin(`old-${name}`)));
  await eventually("the file is written", () =>
    watching.output().includes('"event":"file_written"'),
  );
  await start();
  await Promise.all(
    old.map((instance) => instance.call("wait", "--all", "--served", "--timeout", "60s")),
  );

  // No client or proxy repeats a POST that was sent.
  const post = { method: "POST" };
  const url = `http://127.0.0.1:${port}/`;
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  // nginx closes the idle connections of clients when it reloads: a request may be sent at that moment.
  const kept = kind === "haproxy" ? [keepRequesting(url, { ...post, agent })] : [];
  const requests = [keepRequesting(url, post), ...kept];
  t.after(() => Promise.all(requests.map((one) => one.stop())));
  const tookMs: Record<Step, number[]> = { start: [], served: [], drain: [], stop: [] };
  const timed = async <T>(step: Step, work: Promise<T>): Promise<T> => {
    const startMs = performance.now();
    const result = await work;
    tookMs[step].push(performance.now() - startMs);
    return result;
  };
  for (const [i, instance] of old.entries()) {
    const replacement = await timed("start", begin(`new-${i}`));
    await timed("served", replacement.call("wait", "--all", "--served", "--timeout", "60s"));
    await timed("drain", instance.call("drain", "--all", "--wait"));
    await timed("stop", instance.stop());
  }
  const failures = (await Promise.all(requests.map((one) => one.stop()))).flat();
  const answered = requests.reduce((sum, one) => sum + one.answered(), 0);
  const answering = new Set<string>();
  for (let i = 0; i < 4 * count; i += 1) answering.add((await fetchOnce(url)).body);
  return { answered, failures, tookMs, answering };
}

const fronts: Readonly<Record<RolledProxy, (t: TestContext, folder: string) => Promise<Front>>> = {
  async haproxy(t, folder) {
    const target = join(folder, "haproxy.cfg");
    return {
      target,
      proxy: { type: "haproxy", master: join(folder, "master.sock") },
      env: { HAPROXY_SOCKET: join(folder, "admin.sock"), HAPROXY_MAXCONN: "200" },
      start: () => startHaproxy(t, { config: target }),
    };
  },
  async nginx(t, folder) {
    const target = join(folder, "nginx.conf");
    const [pidFile, errorLog] = [join(folder, "nginx.pid"), join(folder, "error.log")];
    const marker = `127.0.0.1:${await freePort()}`;
    return {
      target,
      proxy: { type: "nginx", pidFile, errorLog, marker },
      env: { NGINX_PID: pidFile, NGINX_ERROR_LOG: errorLog, NGINX_MARKER: marker },
      start: () => startNginx(t, { config: target, pidFile }),
    };
  },
};

/** An application and the agent that registers it. */
class Instance {
  readonly #t: TestContext;
  readonly #folder: string;
  readonly #app: App;
  readonly #agent: Running;

  private constructor(t: TestContext, folder: string, { app, agent }: RegisteredApp) {
    this.#t = t;
    this.#folder = folder;
    this.#app = app;
    this.#agent = agent;
  }

  static async start(t: TestContext, keyspace: string, folder: string, name: string) {
    return new Instance(t, folder, await registeredApp(t, keyspace, folder, name));
  }

  async call(command: string, ...options: readonly string[]): Promise<void> {
    const args = [command, ...options, "-c", `${this.#app.name}.yaml`];
    const { code, output } = await sidekick(this.#t, args, { cwd: this.#folder });
    if (code !== 0) throw new Error(`sidekick ${args.join(" ")} failed:\n${output}`);
  }

  async stop(): Promise<void> {
    await this.#app.kill();
    await this.#agent.stop("SIGTERM");
  }
}
