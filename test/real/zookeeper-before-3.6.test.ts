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
import { endSessionsBelow, writePersistent } from "./zookeeper-sessions.ts";

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
    writeWithoutSession: (key, value) => writePersistent(zookeeper, `${folder}${key}`, value),
    expireSessions: async () => await endSessionsBelow(folder, zookeeper),
  };
});

test("zookeeper before 3.6: the requests for a change do not depend on the number of other nodes", async (t) => {
  const [writer, reader] = [await opening(t, zookeeper.url), await opening(t, old.url)];
  const session = await writer.open(60_000, t.signal);
  const keys = Array.from({ length: 5000 }, (_, i) => `/cost/web/${i}`);
  const put = (key: string, value: string) => session.put(key, value, t.signal);
  await inParallel(keys, 64, (key) => put(key, "1"));
  const seen = await watching(t, reader, ["/cost"]).ready();
  assert.equal(seen.entries.size, 5000);
  const values = new Map(keys.map((key) => [key, "1"]));

  const costs = async (change: () => Promise<void>, atMost: number) => {
    const before = old.requests();
    await change();
    await seen.until(Object.fromEntries(values));
    const requests = old.requests() - before;
    assert.ok(requests <= atMost, `${requests} requests`);
  };
  const write = async (key: string, value: string) => {
    values.set(key, value);
    await put(key, value);
  };
  // A node that is created or removed triggers two watches: its own and that of its folder.
  await costs(() => write("/cost/web/7", "2"), 1);
  await costs(() => write("/cost/web/new", "1"), 2);
  await costs(async () => {
    values.delete("/cost/web/8");
    await session.remove("/cost/web/8", t.signal);
  }, 2);
  await costs(() => inParallel([...values.keys()], 64, (key) => write(key, "3")), 5000);
  values.clear();
  await costs(() => session.close(), 5200);
  // Of each of the two remaining folders: its data, and its children.
  const watches = /^zk_watch_count\t4$/m;
  await eventually("no other watch is left", async () =>
    watches.test(await zookeeper.send4lw("mntr")),
  );
});

test("zookeeper before 3.6: each watch tries a persistent watch and syncs before it lists nodes", async (t) => {
  const reader = await opening(t, old.url);
  for (let watches = 1; watches <= 2; watches += 1) {
    const before = [old.requests("addWatch"), old.requests("sync")] as const;
    await watching(t, reader, ["/caught-up"]).ready();
    const sent = [old.requests("addWatch") - before[0], old.requests("sync") - before[1]];
    assert.deepEqual(sent, [1, 1]);
  }
});

test("zookeeper before 3.6: it is watched although another server is down", async (t) => {
  const reader = await opening(t, old.url.replace("//", "//127.0.0.1:1,"));
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, reader, "/", cell);
  await eventually("the keyspace is read", () => cell.value !== undefined);
});
