import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { opening } from "../real/keyspace.ts";
import { eventually } from "../support/process.ts";
import { leading } from "./connections.ts";
import { startEtcdStore } from "./etcd-store.ts";
import { createNetwork, type Host, type Network } from "./network.ts";
import { reach } from "./reach.ts";
import type { Member, Store, StoredEntry } from "./store.ts";
import { startZookeeperStore } from "./zookeeper-store.ts";

const kinds = { etcd: startEtcdStore, zookeeper: startZookeeperStore };

const longMs = 60_000;

describe("a store for the fault suite", { concurrency: true }, () => {
  for (const [kind, start] of Object.entries(kinds)) {
    test(`${kind} of one member`, async (t) => {
      const network = await createNetwork(t);
      const store = await start(t, network, { members: 1 });
      await t.test("written entries are read, with their sessions", (t) => readBack(t, store));
      await t.test("a session can be ended", (t) => ending(t, store));
      await t.test("it can be frozen and resumed", () => frozenAlone(store));
      await t.test("it restarts with its data, or without", () => restarted(store));
      await t.test("a host can be cut off from it", () => unreachable(network, store));
    });

    test(`${kind} of three members`, async (t) => {
      const network = await createNetwork(t);
      const store = await start(t, network, { members: 3 });
      await t.test("written entries are read, with their sessions", (t) => readBack(t, store));
      await t.test("a session can be ended", (t) => ending(t, store));
      await t.test("no stale read is answered by a former leader", () => deposed(store));
      await t.test("there is a new leader after the leader was killed", () => killed(store));
      await t.test("there is a new leader after the leader was frozen", () => frozen(store));
      await t.test("reads fail without a majority", () => outnumbered(store));
      await t.test("one member of several cannot be wiped", () => notWiped(store));
    });
  }

  test("etcd with TLS and authentication", async (t) => {
    const network = await createNetwork(t);
    const store = await startEtcdStore(t, network, { members: 1, tls: true });
    await readBack(t, store, store.certificates);
    await store.etcdctl("user", "add", "root:secret");
    await store.etcdctl("user", "grant-role", "root", "root");
    await store.etcdctl("auth", "enable");
    await assert.rejects(store.read("/web"));
    store.logIn("root", "secret");
    await read(store, "/web");
    await restarted(store);
  });
});

async function readBack(t: TestContext, store: Store, access?: object): Promise<void> {
  const keyspace = await opening(t, { url: store.url, ...access });
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/mine", "1", t.signal);
  await store.write("/web/below/unowned", "2");
  await store.write("/web-2/other", "3");
  const [id] = await store.sessions();
  assert.deepEqual(await store.sessions(), [id]);
  const found = await read(store, "/web");
  assert.deepEqual([...found].map(([key, { value, owner }]) => [key, value, owner]).sort(), [
    ["/web/below/unowned", "2", undefined],
    ["/web/mine", "1", id],
  ]);
  for (const key of found.keys()) await store.write(key, "4");
  const written = await read(store, "/web");
  const [mine, unowned] = ["/web/mine", "/web/below/unowned"].map((key) => written.get(key));
  assert.deepEqual({ ...mine, created: "" }, { value: "4", owner: undefined, created: "" });
  assert.deepEqual(unowned, { ...found.get("/web/below/unowned"), value: "4" });
  await store.remove("/web/below/unowned");
  await store.write("/web/below/unowned", "4");
  const recreated = (await read(store, "/web")).get("/web/below/unowned");
  assert.notEqual(recreated?.created, unowned?.created);
  for (const key of ["/web/mine", "/web/below/unowned", "/web-2/other"]) await store.remove(key);
  assert.equal((await read(store, "")).size, 0);
  await session.close();
  await eventually("the session is gone", async () => (await store.sessions()).length === 0);
}

async function ending(t: TestContext, store: Store): Promise<void> {
  const session = await (await opening(t, store.url)).open(longMs, t.signal);
  await session.put("/web/a", "1", t.signal);
  const [id = ""] = await store.sessions();
  await store.endSession(id);
  assert.equal((await read(store, "/web")).size, 0);
  assert.deepEqual(await store.sessions(), []);
  await store.endSession(id);
}

async function frozenAlone(store: Store): Promise<void> {
  const member = await leading(store);
  member.freeze();
  await assert.rejects(store.read("/web"));
  await assert.rejects(store.leader());
  member.thaw();
  await read(store, "/web");
}

async function restarted(store: Store): Promise<void> {
  const member = await leading(store);
  await store.write("/web/kept", "1");
  await member.kill();
  await assert.rejects(store.read("/web"));
  await member.restart();
  assert.equal((await read(store, "/web")).size, 1);
  await member.kill();
  await member.restart({ wiped: true });
  assert.equal((await read(store, "/web")).size, 0);
}

async function unreachable(network: Network, store: Store): Promise<void> {
  const [host, { endpoint, host: server }] = [await network.host("client"), await leading(store)];
  const connected = async () => (await reach(host, endpoint)) === "connected";
  await eventually("the server is reachable", connected);
  await host.cutOff([server]);
  assert.equal(await reach(host, endpoint), "silent");
  await read(store, "/web");
  await host.restore();
  await eventually("the server is reachable again", connected);
}

async function deposed(store: Store): Promise<void> {
  const before = await leading(store);
  await assertNoStaleRead(store, async (write) => {
    await before.host.cutOff(others(store, before));
    await eventually("there is a new leader", async () => (await store.leader()) !== before);
    await write();
    await before.host.restore();
    await whole(store);
  });
}

async function killed(store: Store): Promise<void> {
  const before = await leading(store);
  await store.write("/web/a", "1");
  await before.kill();
  await eventually("there is a new leader", async () => (await store.leader()) !== before);
  assert.equal((await read(store, "/web")).size, 1);
  await before.restart();
  await whole(store);
}

async function frozen(store: Store): Promise<void> {
  const before = await leading(store);
  await assertNoStaleRead(store, async (write) => {
    before.freeze();
    await eventually("there is a new leader", async () => (await store.leader()) !== before);
    await write();
    before.thaw();
    await whole(store);
  });
}

async function outnumbered(store: Store): Promise<void> {
  const leader = await leading(store);
  const rest = store.members.filter((member) => member !== leader);
  for (const member of rest) await member.host.cutOff(others(store, member));
  await eventually("reads fail", () => store.read("/web").then(() => false, yes));
  await assert.rejects(store.read("/web"));
  await assert.rejects(store.leader());
  for (const member of rest) await member.host.restore();
  await whole(store);
}

async function notWiped(store: Store): Promise<void> {
  const member = await leading(store);
  await assert.rejects(member.restart({ wiped: true }), /cannot be wiped alone/);
  await read(store, "/web");
}

async function read(store: Store, folder: string): Promise<ReadonlyMap<string, StoredEntry>> {
  return (await eventually(`${folder} is read`, () => store.read(folder))).entries;
}

/** Reads during `work`. Fails if a read does not return the last written value. */
async function assertNoStaleRead(
  store: Store,
  work: (write: () => Promise<void>) => Promise<void>,
): Promise<void> {
  let [written, over] = ["0", false];
  const write = async () => {
    const next = String(Number(written) + 1);
    await eventually("the value is written", () => store.write("/written", next).then(yes));
    written = next;
  };
  const reading = async () => {
    while (!over) {
      const least = Number(written);
      const found = await store.read("").catch(() => undefined);
      if (found) assert.ok(Number(found.entries.get("/written")?.value ?? 0) >= least);
      else await delay(10);
    }
  };
  const writing = async () => {
    try {
      await write();
      await work(write);
    } finally {
      over = true;
    }
  };
  await Promise.all([reading(), writing()]);
}

async function whole(store: Store): Promise<void> {
  const all = async () => (await store.serving()).length === store.members.length;
  await eventually("all members serve", all);
}

function others(store: Store, member: Member): readonly Host[] {
  return store.members.filter((other) => other !== member).map(({ host }) => host);
}

const yes = () => true;
