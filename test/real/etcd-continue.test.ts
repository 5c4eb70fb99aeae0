import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { seeded } from "../support/random.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { assertEqual, Follower } from "./follower.ts";

interface Header {
  readonly cluster_id: number;
  readonly raft_term: number;
  readonly revision: number;
}

async function headerOf(etcd: Etcd): Promise<Header> {
  // The ids have more digits than numbers have.
  const answer = (await etcd.etcdctl("get", "/none", "-w", "json")).replace(
    /_id":(\d+)/g,
    '_id":"$1"',
  );
  return JSON.parse(answer).header;
}

test("after a restart of etcd a watch continues without a list", async (t) => {
  const etcd = await startEtcd(t);
  const size = 300_000;
  for (const key of ["/web/a", "/web/b", "/web/c"]) {
    await etcd.etcdctl("put", key, "x".repeat(size / 3));
  }
  const follower = await Follower.start(t, etcd);
  await etcd.etcdctl("put", "/web/d", "1");
  await eventually("the change is read", () => follower.has("/web/d"));
  const before = follower.cell.value;
  for (const restarts of [1, 2, 3]) {
    await etcd.kill();
    await etcd.restart();
    await eventually("the watch continues", () => follower.continued >= restarts);
  }
  assert.deepEqual([follower.lists, follower.turns], [1, []]);
  assert.equal(follower.cell.value, before, "nothing has changed, so that no reader was woken");
  const sent = await etcd.metric("etcd_network_client_grpc_sent_bytes_total");
  assert.ok(sent > 0 && sent < size / 10, `${sent} bytes were read`);
  await etcd.etcdctl("del", "/web/b");
  await eventually("the removal is read", () => !follower.has("/web/b"));
  await assertEqual(follower, etcd);
});

test("the changes of an outage are read without a list, also if a removal was the last one before it", async (t) => {
  const etcd = await startEtcd(t);
  for (const key of ["/web/a", "/web/b", "/web/c", "/web"]) await etcd.etcdctl("put", key, "1");
  const follower = await Follower.start(t, etcd);
  await etcd.etcdctl("del", "/web/c");
  await eventually("the removal is read", () => !follower.has("/web/c"));
  await follower.stop();
  await etcd.kill();
  await etcd.restart();
  await etcd.etcdctl("put", "/other", "1");
  await etcd.etcdctl("del", "/web/a");
  await etcd.etcdctl("put", "/web/c", "2");
  await etcd.etcdctl("put", "/web", "2");
  follower.go();
  await assertEqual(follower, etcd);
  await eventually("both ranges are read", () => follower.cell.value?.get("/web")?.value === "2");
  assert.deepEqual([follower.lists, follower.continued], [1, 1]);
});

test("a store that was restored from a backup is listed, although its id and term are the same and its revision is higher", async (t) => {
  const etcd = await startEtcd(t);
  const backup = join(await throwAwayFolder(t), "backup.db");
  for (const key of ["/web/a", "/web/b"]) await etcd.etcdctl("put", key, "1");
  await etcd.etcdctl("snapshot", "save", backup);
  const follower = await Follower.start(t, etcd);
  await etcd.etcdctl("put", "/web/lost", "1");
  await etcd.etcdctl("del", "/web/b");
  await eventually("the changes are read", () => !follower.has("/web/b"));
  await follower.stop();
  const before = await headerOf(etcd);
  await etcd.kill();
  await etcd.restart({ restored: backup });
  for (let i = 0; i < 9; i += 1) await etcd.etcdctl("put", "/other", `${i}`);
  await etcd.etcdctl("put", "/web/new", "1");
  const after = await headerOf(etcd);
  assert.equal(after.cluster_id, before.cluster_id);
  assert.ok(after.raft_term >= before.raft_term && after.revision > before.revision);
  follower.go();
  await assertEqual(follower, etcd);
  assert.deepEqual([follower.lists, follower.continued], [2, 0]);
  assert.ok(follower.has("/web/b") && follower.has("/web/new") && !follower.has("/web/lost"));
});

test("a restored store is listed where only folders that are not followed have changed since", async (t) => {
  const etcd = await startEtcd(t);
  const backup = join(await throwAwayFolder(t), "backup.db");
  await etcd.etcdctl("put", "/web/a", "1");
  await etcd.etcdctl("snapshot", "save", backup);
  for (let i = 0; i < 5; i += 1) await etcd.etcdctl("put", "/other", `${i}`);
  // Its list has a revision that the backup does not have.
  const follower = await Follower.start(t, etcd);
  await follower.stop();
  await etcd.kill();
  await etcd.restart({ restored: backup });
  await etcd.etcdctl("put", "/web/new", "1");
  for (let i = 0; i < 9; i += 1) await etcd.etcdctl("put", "/other", `${i}`);
  follower.go();
  await assertEqual(follower, etcd);
  assert.ok(follower.has("/web/new"), "it was written at a revision that the watch had passed");
});

test("a compaction during the outage leads to a list", async (t) => {
  const etcd = await startEtcd(t);
  await etcd.etcdctl("put", "/web/a", "1");
  const follower = await Follower.start(t, etcd);
  await etcd.etcdctl("put", "/web/b", "1");
  await eventually("the change is read", () => follower.has("/web/b"));
  await follower.stop();
  await etcd.kill();
  await etcd.restart();
  for (const name of ["one", "two"]) await etcd.etcdctl("put", `/sidekick/watchers/${name}`, "1");
  for (const value of ["2", "3"]) await etcd.etcdctl("put", "/web/a", value);
  await etcd.etcdctl("del", "/web/a");
  await etcd.etcdctl("compact", "8");
  follower.go();
  await assertEqual(follower, etcd);
  assert.deepEqual([follower.lists, follower.continued], [2, 0]);
  assert.deepEqual(follower.turns, [[2, 2]]);
});

test("a permission that was revoked meanwhile leads to a list, which has the rest", async (t) => {
  const etcd = await startEtcd(t);
  const { etcdctl } = etcd;
  for (const key of ["/web", "/web/a"]) await etcdctl("put", key, "1");
  for (const user of ["root:root", "app:app"]) await etcdctl("user", "add", user);
  for (const role of ["root", "app"]) {
    await etcdctl("role", "add", role);
    await etcdctl("user", "grant-role", role, role);
  }
  await etcdctl("role", "grant-permission", "app", "read", "/web");
  await etcdctl("role", "grant-permission", "app", "read", "/web/", "--prefix");
  await etcdctl("auth", "enable");
  const url = etcd.url.replace("//", "//app:app@");
  const follower = await Follower.start(t, { url });
  assert.ok(follower.has("/web"));
  await follower.stop();
  await etcdctl("--user=root:root", "role", "revoke-permission", "app", "/web");
  follower.go();
  await eventually("it is listed", () => follower.lists === 2);
  await etcdctl("--user=root:root", "put", "/web/b", "1");
  await eventually("it is followed", () => follower.has("/web/b"));
  assert.ok(!follower.has("/web"));
});

/** Changes a few of a few keys. */
async function change({ etcdctl }: Etcd, pick: (limit: number) => number): Promise<void> {
  for (let i = pick(5); i >= 0; i -= 1) {
    const key = `/${pick(2) ? "web" : "other"}/${pick(4)}`;
    if (pick(3) === 0) await etcdctl("del", key);
    else await etcdctl("put", key, `${pick(3)}`);
  }
}

test("no change is missed over random changes, restarts, backups and compactions", async (t) => {
  const etcd = await startEtcd(t);
  const folder = await throwAwayFolder(t);
  const random = seeded(7);
  const pick = (limit: number) => Math.floor(random() * limit);
  const followers = [await Follower.start(t, etcd), await Follower.start(t, etcd, "/")];
  let backup: string | undefined;
  for (let round = 0; round < 8; round += 1) {
    await change(etcd, pick);
    const { revision } = await headerOf(etcd);
    if (pick(3) === 0) {
      backup = join(folder, `${round}.db`);
      await etcd.etcdctl("snapshot", "save", backup);
    }
    await etcd.kill();
    const isRestored = backup !== undefined && pick(3) === 0;
    await etcd.restart(isRestored && backup ? { restored: backup } : {});
    if (!isRestored && pick(3) === 0) await etcd.etcdctl("compact", `${revision}`);
    for (const follower of followers) await assertEqual(follower, etcd);
  }
});
