import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { keyspaceConformance } from "../conformance/keyspace.ts";
import { watching } from "../conformance/keyspace-watching.ts";
import { inParallel } from "../support/in-parallel.ts";
import { eventually } from "../support/process.ts";
import { following, opened, opening } from "./keyspace.ts";
import { startZookeeper } from "./zookeeper.ts";
import { startBefore36 } from "./zookeeper-before-3.6.ts";
import { endSessionsBelow } from "./zookeeper-sessions.ts";

const whole = { after } as Pick<TestContext, "after">;
const zookeeper = await startZookeeper(whole);
const old = await startBefore36(whole, zookeeper);
let folders = 0;

keyspaceConformance("zookeeper before 3.6", async () => {
  folders += 1;
  const folder = `/suite/${folders}`;
  return {
    open: async () => await opened(`${old.url}${folder}`),
    ttlMs: 3000,
    expireSessions: async () => await endSessionsBelow(folder, zookeeper),
  };
});

test("zookeeper before 3.6: a change costs what it changes, whatever lies beside it", async (t) => {
  const [writer, reader] = [await opening(t, zookeeper.url), await opening(t, old.url)];
  const session = await writer.open(60_000, t.signal);
  const keys = Array.from({ length: 5000 }, (_, i) => `/cost/web/${i}`);
  const put = (key: string, value: string) => session.put(key, value, t.signal);
  await inParallel(keys, 64, (key) => put(key, "1"));
  const seen = await watching(t, reader, ["/cost"]).ready();
  assert.equal(seen.entries.size, 5000);
  const values = new Map(keys.map((key) => [key, "1"]));

  const costs = async (change: () => Promise<void>, atMost: number) => {
    const before = old.asked();
    await change();
    await seen.until(Object.fromEntries(values));
    const requests = old.asked() - before;
    assert.ok(requests <= atMost, `${requests} requests`);
  };
  const write = async (key: string, value: string) => {
    values.set(key, value);
    await put(key, value);
  };
  // a node that comes or goes is told of twice: by itself, and by the folder that it is in
  await costs(() => write("/cost/web/7", "2"), 1);
  await costs(() => write("/cost/web/new", "1"), 2);
  await costs(async () => {
    values.delete("/cost/web/8");
    await session.remove("/cost/web/8", t.signal);
  }, 2);
  await costs(() => inParallel([...values.keys()], 64, (key) => write(key, "3")), 5000);
  values.clear();
  await costs(() => session.close(), 5200);
  // of each of the two folders that are left: its data, and what is right below it
  const watches = /^zk_watch_count\t4$/m;
  await eventually("no watch is left over", async () => watches.test(await zookeeper.ask("mntr")));
});

test("zookeeper before 3.6: it is asked, and catches up, before each watch lists", async (t) => {
  const reader = await opening(t, old.url);
  for (let watches = 1; watches <= 2; watches += 1) {
    const before = [old.asked("addWatch"), old.asked("sync")] as const;
    await watching(t, reader, ["/caught-up"]).ready();
    const asked = [old.asked("addWatch") - before[0], old.asked("sync") - before[1]];
    assert.deepEqual(asked, [1, 1]);
  }
});

test("zookeeper before 3.6: it is watched though another server is down", async (t) => {
  const reader = await opening(t, old.url.replace("//", "//127.0.0.1:1,"));
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, reader, "/", cell);
  await eventually("it is read", () => cell.value !== undefined);
});
