/**
 * Three watchers with a haproxy each: changes that need a reload, with and without turns; then the watcher that has the turn is killed,
 * frozen or cut off from etcd; and an entry that only a reload finds wrong. Prints how many reload at a time, and how long it takes.
 *
 *   npm run bench:turns -- [changes, 10]
 */
import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { never } from "../lib/base/signal.ts";
import { readTurns } from "../lib/keyspace/turns/read-turns.ts";
import { startEtcd } from "../test/real/etcd.ts";
import { opening } from "../test/real/keyspace.ts";
import { startWatcher } from "../test/real/turns-scene.ts";
import { listen } from "../test/support/listen.ts";
import { eventually, throwAwayFolder } from "../test/support/process.ts";

const changes = Number(process.argv[2] ?? 10);

/** A reload, in milliseconds since 1970: from the file that was written to the proxy that was verified. */
interface Reload {
  readonly watcher: number;
  readonly beganMs: number;
  readonly endedMs: number;
}

interface Line {
  readonly time: string;
  readonly event: string;
  readonly applied?: string;
}

function reloadsOf(output: string, watcher: number): readonly Reload[] {
  const reloads: Reload[] = [];
  let beganMs = 0;
  for (const text of output.split("\n").filter((one) => one.startsWith("{"))) {
    const { time, event, applied = "" } = JSON.parse(text) as Line;
    if (event === "file_written") beganMs = Date.parse(time);
    if (event === "applied" && applied.startsWith("reloaded")) {
      reloads.push({ watcher, beganMs, endedMs: Date.parse(time) });
    }
  }
  return reloads;
}

function mostAtATime(reloads: readonly Reload[]): number {
  const at = reloads.map(({ beganMs }) =>
    reloads.filter((one) => one.beganMs <= beganMs && beganMs < one.endedMs),
  );
  return Math.max(0, ...at.map((some) => new Set(some.map(({ watcher }) => watcher)).size));
}

/** A way to etcd that can be cut: no packet gets through any longer, and none is answered. */
async function cuttable(t: TestContext, port: number) {
  let isCut = false;
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    sockets.add(client);
    client.on("error", () => {});
    if (isCut) return void client.pause();
    const server = connect(port, "127.0.0.1");
    sockets.add(server);
    server.on("error", () => client.destroy());
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    client.pipe(server).pipe(client);
  });
  const own = await listen(t, relay);
  t.after(() => {
    for (const one of sockets) one.destroy();
  });
  const cut = () => {
    isCut = true;
    for (const one of sockets) one.unpipe().pause();
  };
  return { url: `etcd://127.0.0.1:${own}`, cut };
}

/** Three watchers, each with a way to etcd of its own. */
async function scene(t: TestContext, together?: object) {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const put = (key: string, value: string) => etcd.etcdctl("put", key, value);
  await put("/services/web/127.0.0.2:80", "127.0.0.2:80");
  const ways = await Promise.all([1, 2, 3].map(() => cuttable(t, Number(new URL(etcd.url).port))));
  const watchers = await Promise.all(
    ways.map(async ({ url, cut }, i) => {
      const own = await startWatcher(t, join(folder, `w${i}`), url, together);
      return { ...own, cut };
    }),
  );
  const serve = (part: string, some = watchers) =>
    eventually(`${part} is served`, async () => {
      const found = await Promise.all(some.map(({ has }) => has(part)));
      return found.every(Boolean);
    });
  await serve("127.0.0.2:80");
  await delay(2000);
  const reloadsSince = (sinceMs: number) =>
    watchers
      .flatMap(({ running }, i) => reloadsOf(running.output(), i))
      .filter(({ beganMs }) => beganMs >= sinceMs);
  const keyspace = await opening(t, etcd.url);
  const holder = () =>
    eventually("a watcher has its turn", async () => {
      const { turns } = await readTurns(keyspace, never);
      const held = turns.find(({ state }) => state === "held");
      return watchers.find(({ running }) => held?.watcher.split(".").includes(String(running.pid)));
    });
  return { etcd, put, watchers, serve, reloadsSince, holder };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

for (const together of [undefined, { settle: "1s" }]) {
  const how = together ? "in turns (max: 1, settle: 1s)" : "without turns";
  test(`${changes} changes, 300 ms apart, ${how}`, async (t) => {
    const { put, serve, reloadsSince } = await scene(t, together);
    const startMs = Date.now();
    for (let i = 1; i <= changes; i += 1) {
      await put("/app/max", String(100 + i));
      await delay(300);
    }
    const lastMs = Date.now();
    await serve(`maxconn ${100 + changes}`);
    // The last line of a log may follow the file.
    await delay(1000);
    const reloads = reloadsSince(startMs);
    t.diagnostic(`reloads: ${reloads.length}, at most ${mostAtATime(reloads)} at a time`);
    const waitMs = Math.max(...reloads.map(({ endedMs }) => endedMs)) - lastMs;
    t.diagnostic(`from the last change until all serve it: ${seconds(waitMs)}`);
  });
}

const faults = {
  "is killed (kill -9)": ({ running }: Watcher) => void process.kill(running.pid, "SIGKILL"),
  "is frozen (SIGSTOP)": ({ running }: Watcher) => void process.kill(running.pid, "SIGSTOP"),
  "is cut off from etcd": ({ cut }: Watcher) => cut(),
};

type Watcher = Awaited<ReturnType<typeof scene>>["watchers"][number];

for (const [what, inject] of Object.entries(faults)) {
  test(`the watcher that has the turn ${what}`, async (t) => {
    const { put, serve, reloadsSince, holder, watchers } = await scene(t, { settle: "3s" });
    const startMs = Date.now();
    await put("/app/max", "200");
    const faulty = await holder();
    inject(faulty);
    const faultMs = Date.now();
    await serve(
      "maxconn 200",
      watchers.filter((one) => one !== faulty),
    );
    t.diagnostic(`until both others serve the change: ${seconds(Date.now() - faultMs)}`);
    if (what.includes("SIGSTOP")) {
      await put("/app/max", "201");
      process.kill(faulty.running.pid, "SIGCONT");
      await serve("maxconn 201");
      t.diagnostic("it goes on, and all serve a later change");
    }
    await delay(1000);
    t.diagnostic(`at most ${mostAtATime(reloadsSince(startMs))} reload at a time`);
  });
}

for (const together of [undefined, { settle: "1s" }]) {
  test(`an entry that only a reload finds wrong, ${together ? "in turns" : "without turns"}`, async (t) => {
    const { etcd, put, watchers, serve } = await scene(t, together);
    const taken = `127.0.0.1:${new URL(etcd.url).port}`;
    await put(`/services/ports/${taken}`, taken);
    await put("/app/max", "300");
    const refused = () =>
      watchers.filter(({ running }) => /"event":"quarantined"/.test(running.output()));
    await eventually("all have quarantined it", () => refused().length === 3);
    await serve("maxconn 300");
    const tried = watchers.filter(({ running }) =>
      /rejected the new configuration/.test(running.output()),
    );
    t.diagnostic(`it reached ${tried.length} of 3 proxies`);
    assert.ok(!together || tried.length === 1);
  });
}
