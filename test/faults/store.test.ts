import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { opening } from "../real/keyspace.ts";
import { eventually } from "../support/process.ts";
import { leading } from "./connections.ts";
import { startEtcdStore } from "./etcd-store.ts";
import { createNetwork, type Host, type Network } from "./network.ts";
import { reach } from "./reach.ts";
import type { Held, Member, Store } from "./store.ts";
import { startZookeeperStore } from "./zookeeper-store.ts";

const kinds = { etcd: startEtcdStore, zookeeper: startZookeeperStore };

const longMs = 60_000;

describe("a store for the fault suite", { concurrency: true }, () => {
  for (const [kind, start] of Object.entries(kinds)) {
    test(`${kind} of one member`, async (t) => {
      const network = await createNetwork(t);
      const store = await start(t, network, { members: 1 });
      await t.test("what is written is read, with whose it is", (t) => readBack(t, store));
      await t.test("a session can be ended", (t) => ending(t, store));
      await t.test("it stops and goes on", () => frozenAlone(store));
      await t.test("it restarts with its data, or without", () => restarted(store));
      await t.test("a host can be cut off from it", () => outOfReach(network, store));
    });

    test(`${kind} of three members`, async (t) => {
      const network = await createNetwork(t);
      const store = await start(t, network, { members: 3 });
      await t.test("what is written is read, with whose it is", (t) => readBack(t, store));
      await t.test("a session can be ended", (t) => ending(t, store));
      await t.test("what was the leader is never read any more", () => deposed(store));
      await t.test("another leads where the leader is killed", () => killed(store));
      await t.test("another leads where the leader is frozen", () => frozen(store));
      await t.test("without a majority nothing is read", () => outnumbered(store));
      await t.test("one member alone is not wiped", () => notWiped(store));
    });
  }

  test("etcd with TLS, and with logins", async (t) => {
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
  await store.write("/web/below/nobodys", "2");
  await store.write("/web-2/other", "3");
  const [id] = await store.sessions();
  assert.deepEqual(await store.sessions(), [id]);
  const found = await read(store, "/web");
  assert.deepEqual([...found].map(([key, { value, owner }]) => [key, value, owner]).sort(), [
    ["/web/below/nobodys", "2", undefined],
    ["/web/mine", "1", id],
  ]);
  for (const key of found.keys()) await store.write(key, "4");
  const written = await read(store, "/web");
  const [mine, nobodys] = ["/web/mine", "/web/below/nobodys"].map((key) => written.get(key));
  assert.deepEqual({ ...mine, made: "" }, { value: "4", owner: undefined, made: "" });
  assert.deepEqual(nobodys, { ...found.get("/web/below/nobodys"), value: "4" });
  await store.remove("/web/below/nobodys");
  await store.write("/web/below/nobodys", "4");
  const anew = (await read(store, "/web")).get("/web/below/nobodys");
  assert.notEqual(anew?.made, nobodys?.made);
  for (const key of ["/web/mine", "/web/below/nobodys", "/web-2/other"]) await store.remove(key);
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

async function outOfReach(network: Network, store: Store): Promise<void> {
  const [host, { endpoint, host: server }] = [await network.host("client"), await leading(store)];
  const connected = async () => (await reach(host, endpoint)) === "connected";
  await eventually("it is reached", connected);
  await host.cutOff([server]);
  assert.equal(await reach(host, endpoint), "silent");
  await read(store, "/web");
  await host.restore();
  await eventually("it is reached again", connected);
}

async function deposed(store: Store): Promise<void> {
  const before = await leading(store);
  await neverOld(store, async (write) => {
    await before.host.cutOff(others(store, before));
    await eventually("another leads", async () => (await store.leader()) !== before);
    await write();
    await before.host.restore();
    await whole(store);
  });
}

async function killed(store: Store): Promise<void> {
  const before = await leading(store);
  await store.write("/web/a", "1");
  await before.kill();
  await eventually("another leads", async () => (await store.leader()) !== before);
  assert.equal((await read(store, "/web")).size, 1);
  await before.restart();
  await whole(store);
}

async function frozen(store: Store): Promise<void> {
  const before = await leading(store);
  await neverOld(store, async (write) => {
    before.freeze();
    await eventually("another leads", async () => (await store.leader()) !== before);
    await write();
    before.thaw();
    await whole(store);
  });
}

async function outnumbered(store: Store): Promise<void> {
  const leader = await leading(store);
  const rest = store.members.filter((member) => member !== leader);
  for (const member of rest) await member.host.cutOff(others(store, member));
  await eventually("nothing is read", () => store.read("/web").then(() => false, yes));
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

async function read(store: Store, folder: string): Promise<ReadonlyMap<string, Held>> {
  return (await eventually(`${folder} is read`, () => store.read(folder))).entries;
}

/** Reads for as long as `work` takes: whatever it has written is there from then on. */
async function neverOld(
  store: Store,
  work: (write: () => Promise<void>) => Promise<void>,
): Promise<void> {
  let [written, over] = ["0", false];
  const write = async () => {
    const next = String(Number(written) + 1);
    await eventually("it is written", () => store.write("/written", next).then(yes));
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
