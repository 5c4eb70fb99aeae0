import { writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Etcd3 } from "etcd3";
import { systemClock } from "../../lib/base/clock.ts";
import { connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import { atEnd, eventually, freePort, type Running, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { opening } from "./keyspace.ts";
import { startApp, startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

/** The outcome of the requests while one agent after the other registered the same instance. */
export interface HandOverResult {
  readonly answered: number;
  readonly failures: readonly string[];
  /** How often the entry was absent, or had weight 0, in the events of a watch and in reads of the store. */
  readonly gaps: readonly string[];
  /** How many reads of the store there were. */
  readonly reads: number;
  /** The number of sessions that have held the entry. */
  readonly owners: number;
  /** From SIGTERM to the end of each agent, in milliseconds. */
  readonly tookMs: readonly number[];
}

export type HandOverStore = "etcd" | "zookeeper";

interface Store {
  readonly url: string;
  /** The value of a key, on the word of the store itself; undefined if it is absent. */
  read(key: string): Promise<string | undefined>;
}

export const stores: Readonly<Record<HandOverStore, (t: TestContext) => Promise<Store>>> = {
  async etcd(t) {
    const { url, endpoint } = await startEtcd(t);
    const etcd = new Etcd3({ hosts: `http://${endpoint}` });
    atEnd(t, async () => etcd.close());
    return { url, read: async (key) => (await etcd.get(key).string()) ?? undefined };
  },
  async zookeeper(t) {
    const { url, endpoint } = await startZookeeper(t);
    const [host = "", port] = endpoint.split(":");
    const options = { host, port: Number(port), sessionMs: 60_000, limitMs: 60_000 };
    const connection = await connect(options, systemClock, t.signal);
    atEnd(t, () => connection.closeSession());
    const read = (key: string) =>
      connection.read(key).then(
        ({ value }) => value,
        () => undefined,
      );
    return { url, read };
  },
};

/**
 * Starts a new agent of the same instance, waits until it stands by, and stops the old one, `rounds` times, while the instance
 * is under load behind haproxy. Then `crashes` times in the same way, but the old one is killed.
 */
export async function handOverUnderLoad(
  t: TestContext,
  name: HandOverStore,
  rounds: number,
  crashes = 0,
): Promise<HandOverResult> {
  const [store, folder, port] = [await stores[name](t), await throwAwayFolder(t), await freePort()];
  const app = await startApp(t, "app");
  const target = join(folder, "haproxy.cfg");
  const proxy = { type: "haproxy", master: join(folder, "master.sock") };
  const watch = { templates: [{ source: "haproxy.cfg.hbs", target, proxy }] };
  await writeFile(join(folder, "watch.yaml"), JSON.stringify({ keyspace: store.url, watch }));
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], { cwd: folder, env });
  const checks = [{ type: "tcp", interval: "100ms", rise: 1 }];
  const service = { name: "web", host: "127.0.0.1", port: app.port, instance: "app", checks };
  const presence = { drainDelay: "200ms", services: [service] };
  const startAgent = async (n: number): Promise<Running> => {
    const status = { socket: join(folder, `${n}.sock`) };
    await writeFile(
      join(folder, `${n}.yaml`),
      JSON.stringify({ keyspace: store.url, presence, status }),
    );
    return startSidekick(t, ["presence", "-c", `${n}.yaml`], { cwd: folder });
  };
  const logs = (agent: Running, event: string) =>
    eventually(`${event} is logged`, () => events(agent).some((one) => one.event === event));

  let agent = await startAgent(0);
  await logs(agent, "registered");
  await logs(watching, "file_written");
  await startHaproxy(t, { config: target });
  const url = `http://127.0.0.1:${port}/`;
  await eventually("it is served", async () => (await fetchOnce(url)).body === "app");
  const recording = await record(t, store, `/services/web/127.0.0.1:${app.port}`);
  const kept = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => kept.destroy());
  // No client or proxy repeats a POST that was sent.
  const post = { method: "POST" };
  const requests = [keepRequesting(url, post), keepRequesting(url, { ...post, agent: kept })];
  const tookMs: number[] = [];
  for (let round = 1; round <= rounds + crashes; round += 1) {
    const next = await startAgent(round);
    await logs(next, "standby");
    const startMs = performance.now();
    await agent.stop(round > rounds ? "SIGKILL" : "SIGTERM");
    if (round <= rounds) tookMs.push(performance.now() - startMs);
    await logs(next, "registered");
    agent = next;
  }
  await delay(500);
  const failures = (await Promise.all(requests.map((one) => one.stop()))).flat();
  const answered = requests.reduce((sum, one) => sum + one.answered(), 0);
  return { answered, failures, tookMs, ...(await recording.stop()) };
}

/** Records each state of an entry, in the events of a watch and by reading it all the time. */
export async function record(t: TestContext, store: Store, key: string) {
  const keyspace = await opening(t, store.url);
  const gaps: string[] = [];
  const owners = new Set<string>();
  const [ending, stopped] = [new AbortController(), new AbortController()];
  const judge = (how: string, value: string | undefined) => {
    if (value === undefined) gaps.push(`${how}: absent`);
    else if (JSON.parse(value).weight === 0) gaps.push(`${how}: weight 0`);
  };
  const watching = async () => {
    for await (const batch of keyspace.watch([key], ending.signal)) {
      const entry = (batch.kind === "reset" ? batch.entries : batch.put).get(key);
      if (entry?.owner) owners.add(entry.owner);
      if (entry || batch.kind === "reset" || batch.gone.includes(key)) judge("watch", entry?.value);
    }
  };
  let reads = 0;
  const reading = async () => {
    while (!stopped.signal.aborted) {
      judge("read", await store.read(key));
      reads += 1;
      await delay(2);
    }
  };
  const done = [watching().catch(() => {}), reading()];
  const stop = async () => {
    ending.abort();
    stopped.abort();
    await Promise.all(done);
    return { gaps, reads, owners: owners.size };
  };
  atEnd(t, async () => void (await stop()));
  return { stop };
}
