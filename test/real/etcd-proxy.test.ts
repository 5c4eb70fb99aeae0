import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startEtcdProxy } from "./etcd-proxy.ts";
import { assertEqual, Follower } from "./follower.ts";
import { handOverUnderLoad } from "./hand-over-under-load.ts";
import { opening } from "./keyspace.ts";

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

test("behind a gRPC proxy agents of the same instance follow each other without a gap, also after a crash", async (t) => {
  const { failures, gaps, owners } = await handOverUnderLoad(t, "etcd behind a proxy", 1, 1);
  assert.deepEqual([failures, gaps, owners], [[], [], 3]);
});
