import { readFile, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { record, stores } from "./hand-over-under-load.ts";
import { startHaproxy } from "./haproxy.ts";
import { sidekick, startApp, startSidekick } from "./sidekick.ts";

/** The outcome of the requests while the configuration was reloaded again and again. */
export interface ReloadResult {
  readonly answered: number;
  readonly failures: readonly string[];
  /** How often the entry was absent, or had weight 0, in the events of a watch and in reads of the store. */
  readonly gaps: readonly string[];
  readonly reads: number;
  /** The number of sessions that have held the entry. */
  readonly owners: number;
  readonly reloaded: number;
  readonly refused: number;
  /** The exit codes of `sidekick reload`, by whether the configuration was valid. */
  readonly codes: {
    readonly valid: ReadonlySet<number | null>;
    readonly invalid: ReadonlySet<number | null>;
  };
  /** The resident memory of the agent after a tenth of the reloads, and at the end, in MB. */
  readonly rssMb: readonly [number, number];
  /** How often haproxy was reloaded. */
  readonly proxyReloads: number;
}

/**
 * Reloads the configuration of an agent with services and a watcher `rounds` times, in turns by SIGHUP and by `sidekick reload`: it
 * grows, shrinks, is invalid, and has another TTL; an instance that is in all of them is under load behind haproxy.
 */
export async function reloadUnderLoad(t: TestContext, rounds: number): Promise<ReloadResult> {
  const store = await stores.etcd(t);
  const [folder, port] = [await throwAwayFolder(t), await freePort()];
  const [app, second] = [await startApp(t, "app"), await startApp(t, "app")];
  const target = join(folder, "haproxy.cfg");
  const proxy = { type: "haproxy", master: join(folder, "master.sock") };
  const checks = [{ type: "tcp", interval: "100ms", rise: 1 }];
  const at = (appPort: number) => ({ name: "web", host: "127.0.0.1", port: appPort, checks });
  await writeFile(join(folder, "names.hbs"), "{{#each services}}{{name}} {{/each}}");
  const configuration = (round: number) => {
    const [isLarge, isInvalid] = [round % 2 === 1, round % 5 === 4];
    const more = { source: "names.hbs", target: join(folder, "names") };
    const first = { source: "haproxy.cfg.hbs", target, proxy };
    return {
      keyspace: store.url,
      presence: {
        ...{ drainDelay: "100ms", ttl: round % 10 < 5 ? "10s" : "11s" },
        services: [at(app.port), ...(isLarge ? [at(second.port)] : [])],
      },
      watch: { templates: [first, ...(isLarge ? [more] : [])], ...(isInvalid && { settle: 7 }) },
      status: { socket: join(folder, "agent.sock") },
    };
  };
  const file = join(folder, "sidekick.yaml");
  await writeFile(file, JSON.stringify(configuration(0)));
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const agent = startSidekick(t, ["run", "-c", file], { cwd: folder, env });
  const count = (event: string) => events(agent).filter((one) => one.event === event).length;
  await eventually("the file is written", () => count("file_written") > 0);
  await startHaproxy(t, { config: target });
  const url = `http://127.0.0.1:${port}/`;
  await eventually("it is served", async () => (await fetchOnce(url)).body === "app");
  const recording = await record(t, store, `/services/web/127.0.0.1:${app.port}`);
  const kept = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => kept.destroy());
  // No client or proxy repeats a POST that was sent.
  const post = { method: "POST" };
  const requests = [keepRequesting(url, post), keepRequesting(url, { ...post, agent: kept })];
  const codes = { valid: new Set<number | null>(), invalid: new Set<number | null>() };
  const socket = join(folder, "agent.sock");
  let early = 0;
  const done = () => count("reloaded") + count("reload_refused");
  for (let round = 1; round <= rounds; round += 1) {
    const next = configuration(round);
    await writeFile(file, JSON.stringify(next));
    if (round % 4 < 2) process.kill(agent.pid, "SIGHUP");
    else {
      const { code } = await sidekick(t, ["reload", "--socket", socket], { cwd: folder });
      codes["settle" in next.watch ? "invalid" : "valid"].add(code);
    }
    await eventually(`${round} reloads`, () => done() >= round);
    // Long enough for an instance to come, or to drain and go.
    await delay(200);
    if (round === Math.ceil(rounds / 10)) early = await rssMb(agent.pid);
  }
  await delay(500);
  const failures = (await Promise.all(requests.map((one) => one.stop()))).flat();
  const answered = requests.reduce((sum, one) => sum + one.answered(), 0);
  return {
    ...{ answered, failures, codes, ...(await recording.stop()) },
    ...{ reloaded: count("reloaded"), refused: count("reload_refused") },
    rssMb: [early, await rssMb(agent.pid)],
    proxyReloads: events(agent).filter(({ applied }) => applied === "reloaded").length,
  };
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
