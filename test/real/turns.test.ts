import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../lib/base/clock.ts";
import { takeTurn } from "../../lib/keyspace/turns/take-turn.ts";
import { startConsul } from "../stand-in/consul.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";
import { printed, sidekick } from "./sidekick.ts";
import { startWatcher } from "./turns-scene.ts";
import { startZookeeper } from "./zookeeper.ts";

test("haproxies reload in turns; servers and drains do not wait; a refused entry reaches one", async (t) => {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const put = (key: string, value: string) => etcd.etcdctl("put", key, value);
  await put("/services/web/127.0.0.2:80", "127.0.0.2:80");
  const watchers = await Promise.all(
    ["one", "two"].map((name) =>
      startWatcher(t, join(folder, name), etcd.url, { settle: "200ms" }),
    ),
  );
  const all = async (part: string) => {
    const found = await Promise.all(watchers.map(({ has }) => has(part)));
    return found.every(Boolean);
  };
  const logged = (pattern: RegExp) =>
    watchers.filter(({ running }) => pattern.test(running.output()));
  await eventually("both serve", () => all("127.0.0.2:80"));

  // Another client has the turn: reloads wait, and what haproxy changes at run time does not.
  const keyspace = await opening(t, etcd.url);
  const release = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const request = { group: "edge", name: "other.1.x", watcher: "other.1.x", max: 1, for: "it" };
  const hold = async () => {
    begun.resolve();
    await release.promise;
  };
  const deps = { clock: systemClock, random: Math.random };
  const holding = takeTurn(keyspace, request, hold, deps, t.signal);
  await begun.promise;
  await put("/app/max", "100");
  await eventually(
    "both wait",
    () => logged(/waits for its turn to reload: [23](nd|rd) of group edge/).length === 2,
  );
  await put("/services/web/127.0.0.3:80", "127.0.0.3:80");
  await eventually("both serve a new server", () => all("127.0.0.3:80"));
  assert.equal(await all("maxconn 100"), false);
  await put("/services/web/127.0.0.2:80", '{"host":"127.0.0.2","port":80,"weight":0}');
  await eventually("both have acknowledged the drain", async () => {
    const text = await etcd.etcdctl("get", "--prefix", "/sidekick/watchers", "--print-value-only");
    return [...text.matchAll(/"drained":\{"\/services\/web\/127\.0\.0\.2:80"/g)].length === 2;
  });
  const listed = JSON.parse(await printed(t, ["turns", etcd.url, "--json"]));
  assert.deepEqual(
    listed.turns.map(({ state, place }: { state: string; place: number }) => [state, place]),
    [
      ["held", 1],
      ["waiting", 2],
      ["waiting", 3],
    ],
  );
  const status = await sidekick(t, ["status", "-c", "sidekick.yaml"], { cwd: join(folder, "one") });
  assert.match(status.output, /waits for its turn to reload, [23](nd|rd) of group edge/);
  assert.equal((await sidekick(t, ["turns", etcd.url, "--clear", "other.1.x"])).code, 0);
  await eventually("both have reloaded", () => all("maxconn 100"));
  release.resolve();
  await holding;

  // Only the reload finds that this port is taken: the check command accepts it.
  const taken = `127.0.0.1:${new URL(etcd.url).port}`;
  await put(`/services/ports/${taken}`, taken);
  await put("/app/max", "200");
  await eventually("both serve without it", async () => {
    const refused = logged(/is quarantined|quarantined/);
    return refused.length === 2 && (await all("maxconn 200"));
  });
  const tried = logged(/PROXY_REJECTED|rejected the new configuration|cannot bind/i);
  assert.equal(tried.length, 1, "it reached one of them");
  assert.equal(logged(/was refused it/).length, 1);
});

const stores = {
  ZooKeeper: async (t: TestContext) => (await startZookeeper(t)).url,
  Consul: async (t: TestContext) => `consul://${(await startConsul(t)).address}`,
};

for (const [store, start] of Object.entries(stores)) {
  test(`${store} orders turns: one holds at a time, and each of three gets its turns`, async (t) => {
    const url = await start(t);
    const names = ["a", "b", "c"];
    const order: string[] = [];
    const deps = { clock: systemClock, random: Math.random };
    let [holding, most] = [0, 0];
    const queue = names.map(async (name, i) => {
      const keyspace = await opening(t, url);
      const request = { group: "edge", name, watcher: name, max: 1, for: "it" };
      for (let round = 0; round < 3; round += 1) {
        const work = async () => {
          holding += 1;
          most = Math.max(most, holding);
          order.push(name);
          await delay(20 + 10 * i);
          holding -= 1;
        };
        await takeTurn(keyspace, request, work, deps, t.signal);
      }
    });
    await Promise.all(queue);
    assert.equal(most, 1);
    assert.deepEqual([...order].sort(), ["a", "a", "a", "b", "b", "b", "c", "c", "c"]);
  });
}
