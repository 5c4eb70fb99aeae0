import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startEtcdProxy } from "./etcd-proxy.ts";
import { assertEqual, Follower } from "./follower.ts";
import { isFault, opening } from "./keyspace.ts";

test("behind a gRPC proxy a session and a watch survive restarts of the proxy and of etcd", async (t) => {
  const etcd = await startEtcd(t);
  const proxy = await startEtcdProxy(t, etcd);
  const session = await (await opening(t, proxy.url)).open(60_000, t.signal);
  await session.put("/web/a", "1", t.signal);
  const followers = [await Follower.start(t, proxy), await Follower.start(t, proxy)];
  for (const server of [proxy, etcd]) {
    await server.kill();
    await server.restart();
    await eventually("the session writes again", async () => {
      await session.put("/web/a", `${Math.random()}`, t.signal);
      return true;
    });
    for (const follower of followers) await assertEqual(follower, etcd);
  }
  for (const { lists } of followers) assert.equal(lists, 1);
  assert.ok(!session.expired.aborted);
  await session.close();
  for (const follower of followers) {
    await eventually("the entry is gone", () => !follower.has("/web/a"));
  }
});

test("watchers behind a gRPC proxy share one watch of etcd", async (t) => {
  const etcd = await startEtcd(t);
  const proxy = await startEtcdProxy(t, etcd);
  const watchers = () => etcd.metric("etcd_debugging_mvcc_watcher_total");
  const before = await watchers();
  await etcd.etcdctl("put", "/web/a", "1");
  const followers = await Promise.all(Array.from({ length: 8 }, () => Follower.start(t, proxy)));
  for (const follower of followers) await assertEqual(follower, etcd);
  const added = (await watchers()) - before;
  t.diagnostic(`${added} watches of etcd for ${followers.length} watchers of two ranges each`);
  assert.ok(added < followers.length);
});

test("behind a gRPC proxy a session takes over the entry of another one, and no watcher finds it absent", async (t) => {
  const etcd = await startEtcd(t);
  const proxy = await startEtcdProxy(t, etcd);
  const keyspace = await opening(t, proxy.url);
  const [one, two] = [await keyspace.open(60_000, t.signal), await keyspace.open(60_000, t.signal)];
  await one.put("/web/a", "1", t.signal);
  const follower = await Follower.start(t, proxy);
  const put = two.put("/web/a", "1", t.signal);
  await assert.rejects(put, isFault("KEYSPACE_KEY_HELD"));
  await two.put("/web/a", "1", t.signal, { takeOver: new Set([one.id]) });
  await one.close();
  await assertEqual(follower, etcd);
  assert.equal(follower.cell.value?.get("/web/a")?.owner, two.id);
  assert.equal(follower.removals, 0);
  await two.close();
  await eventually("the entry is gone", () => !follower.has("/web/a"));
  assert.equal(follower.removals, 1);
});
