import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { createPresence } from "../../../agents/presence/agent.ts";
import { DrainController } from "../../../agents/presence/drain.ts";
import { logDrains } from "../../../agents/presence/drain-log.ts";
import { createState } from "../../../agents/presence/state.ts";
import { factsOf } from "../../../agents/status.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { never } from "../../../lib/base/signal.ts";
import type { ServicePlan } from "../../../lib/config/plan.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import { encodeStandby, standbyKeyOf } from "../../../lib/model/hand-over-entry.ts";
import { encodeWatcherEntry, watchersFolder } from "../../../lib/model/watcher-entry.ts";
import { report } from "../../../lib/status/report.ts";
import { denial, FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";
import { checkedService, drainDelayMs, service, shutdownTimeoutMs, ttlMs } from "./scene.ts";

const [web, db] = ["/services/web/10.0.0.1:80", "/services/db/10.0.0.1:80"];
const name = "web/10.0.0.1:80";

/** Agents that register the same instances, and everything that a watcher sees of these. */
function scene(t: TestContext) {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const entries = async () =>
    (await readSnapshot(store.open(), ["/services"], never)).chunks.flat();
  const recorded: string[] = [];
  const watching = new AbortController();
  const record = async () => {
    for await (const batch of store.watch(["/services"], watching.signal)) {
      if (batch.kind === "reset") continue;
      for (const key of batch.gone) recorded.push(`${key} absent`);
      for (const [key, { value }] of batch.put) {
        const { weight = 1 } = JSON.parse(value) as { weight?: number };
        if (weight === 0) recorded.push(`${key} weight 0`);
      }
    }
  };
  const done = record().catch(() => {});
  t.after(() => {
    watching.abort();
    return done;
  });
  const start = (
    services: readonly ServicePlan[] = [service("web"), service("db")],
    more: { readonly stamp?: true } = {},
  ) => {
    const log = new RecordingLog();
    const keyspace = new FaultyKeyspace(store.open());
    const settings = { ttlMs, drainDelayMs, shutdownTimeoutMs, name: "host" };
    const plan = { ...settings, prefix: "/services", format: "json", services, ...more } as const;
    const agent = createPresence(plan, { keyspace, clock, random: () => 0, log });
    const { stop, ended, hasEnded } = running(t, agent, clock);
    const facts = {
      version: "1.2.3",
      pid: 1,
      configuration: ["sidekick.yaml"],
      startedMs: 0,
      url: "memory:",
      isShuttingDown: false,
    };
    const status = () =>
      report(factsOf(facts, [agent.status()]), { nowMs: clock.now(), date: new Date(clock.now()) });
    const standbyFor = () => status().presence?.instances.map((one) => one.standbyFor);
    return { agent, log, keyspace, stop, ended, hasEnded, status, standbyFor };
  };
  return {
    ...{ clock, store, start, recorded, entries },
    owners: async () => Object.fromEntries((await entries()).map(({ key, owner }) => [key, owner])),
  };
}

/** The events of drains that are logged, with the instances. */
function drainsIn({ lines }: RecordingLog): readonly unknown[] {
  return lines.flatMap(({ event, details: { ids } }) => {
    return ["drain_started", "drain_ended"].includes(event) ? [[event, ids]] : [];
  });
}

/** An owner (session 1) and its standby (session 2). */
async function pair(t: TestContext) {
  const { start, ...rest } = scene(t);
  const owner = start();
  await rest.clock.advance(0);
  const standby = start();
  await rest.clock.advance(1000);
  return { ...rest, start, owner, standby };
}

test("the second agent of the same instances is the standby of the first, and is ready", async (t) => {
  const { clock, owner, standby, owners, recorded } = await pair(t);
  await clock.advance(10 * ttlMs);
  assert.deepEqual(await owners(), { [db]: "1", [web]: "1" });
  assert.deepEqual(standby.standbyFor(), ["1", "1"]);
  assert.deepEqual(owner.standbyFor(), [undefined, undefined]);
  const { ready, degraded, reasons } = standby.status();
  assert.deepEqual([ready, degraded, reasons[0]?.kind], [true, true, "standby"]);
  assert.equal(standby.status().loops.find((one) => one.name === "registering")?.state, "ok");
  assert.deepEqual(standby.log.events, ["standby"], "once for all its entries");
  assert.deepEqual(recorded, []);
});

test("an owner that stops hands its entries over: none is absent or has weight 0, and no drain is waited for", async (t) => {
  const { clock, owner, standby, owners, recorded } = await pair(t);
  owner.stop();
  await clock.advance(0);
  assert.equal(owner.hasEnded(), true);
  assert.deepEqual(await owners(), { [db]: "2", [web]: "2" });
  assert.deepEqual(standby.standbyFor(), [undefined, undefined]);
  assert.equal(standby.status().degraded, false);
  assert.deepEqual(recorded, []);
  assert.deepEqual(owner.log.events.slice(-2), ["handing_over", "handed_over"]);
  assert.deepEqual(standby.log.events, ["standby", "taking_over", "registered", "registered"]);
});

test("entries that are handed over keep their stamps, and no stamp is a reason to write one", async (t) => {
  const { clock, start, entries, owners } = scene(t);
  const owner = start([service("web")], { stamp: true });
  await clock.advance(0);
  const [first] = await entries();
  assert.match(first?.value ?? "", /,"at":\d{13}\}$/);
  const standby = start([service("web")], { stamp: true });
  await clock.advance(10 * ttlMs);
  assert.deepEqual(await entries(), [first]);
  assert.deepEqual(standby.standbyFor(), ["1"]);
  owner.stop();
  await clock.advance(0);
  assert.deepEqual(await owners(), { [web]: "2" });
  const taken = await entries();
  assert.deepEqual(
    taken.map(({ value }) => value),
    [first?.value],
  );
  await clock.advance(10 * ttlMs);
  assert.deepEqual(await entries(), taken);
  assert.equal(standby.status().degraded, false);
});

test("a standby that stops removes and marks nothing, and does not wait", async (t) => {
  const { clock, owner, standby, owners, recorded } = await pair(t);
  standby.stop();
  await clock.advance(0);
  assert.equal(standby.hasEnded(), true);
  assert.deepEqual([await owners(), recorded], [{ [db]: "1", [web]: "1" }, []]);
  owner.stop();
  await clock.advance(drainDelayMs - 1);
  assert.equal(owner.hasEnded(), false, "without a standby it drains");
  assert.deepEqual(recorded, [`${db} weight 0`, `${web} weight 0`]);
});

test("agents follow each other any number of times", async (t) => {
  const { clock, start, owner, standby, recorded, owners } = await pair(t);
  let [last, next] = [owner, standby];
  for (let i = 2; i < 12; i += 1) {
    last.stop();
    await clock.advance(1000);
    assert.deepEqual(await owners(), { [db]: `${i}`, [web]: `${i}` });
    [last, next] = [next, start()];
    await clock.advance(i % 2 ? 100 : 2 * ttlMs);
  }
  assert.deepEqual(recorded, []);
});

test("an owner that crashes or freezes is replaced before its session has expired", async (t) => {
  const { clock, owner, owners, recorded } = await pair(t);
  owner.keyspace.disconnect();
  await clock.advance(0.6 * ttlMs);
  assert.deepEqual(await owners(), { [db]: "2", [web]: "2" });
  assert.deepEqual(recorded, []);
});

test("a crashed agent that is started again takes its entries over without waiting for the TTL", async (t) => {
  const { clock, store, start, owners, recorded } = scene(t);
  const crashed = store.open();
  const session = await crashed.open(ttlMs, never);
  const value = '{"host":"10.0.0.1","port":80,"name":"host"}';
  for (const key of [web, db]) await session.put(key, value, never);
  await crashed[Symbol.asyncDispose]();
  start();
  await clock.advance(0.2 * ttlMs);
  assert.deepEqual(await owners(), { [db]: "2", [web]: "2" });
  await clock.advance(2 * ttlMs);
  assert.deepEqual(recorded, []);
});

test("a frozen owner that goes on is the standby of the agent that has replaced it", async (t) => {
  const { clock, owner, standby, owners, recorded } = await pair(t);
  owner.keyspace.disconnect();
  await clock.advance(ttlMs);
  assert.deepEqual(await owners(), { [db]: "2", [web]: "2" });
  owner.keyspace.reconnect();
  await clock.advance(5 * ttlMs);
  assert.deepEqual(owner.standbyFor(), ["2", "2"]);
  standby.stop();
  await clock.advance(0);
  assert.deepEqual(await owners(), { [db]: "1", [web]: "1" });
  assert.deepEqual(recorded, []);
});

test("what the owner drains on purpose, the standby does not put back; after the end of the owner it does", async (t) => {
  const { clock, owner, standby, owners, recorded } = await pair(t);
  void owner.agent.operations.drain({ names: [name], forMs: 1000, wait: false }, never);
  await clock.advance(0);
  assert.deepEqual(recorded, [`${web} weight 0`]);
  await clock.advance(5 * ttlMs);
  assert.deepEqual(await owners(), { [db]: "1" });
  assert.equal(standby.log.events.includes("fault"), false);
  assert.deepEqual(standby.standbyFor(), ["1", "1"]);
  owner.stop();
  await clock.advance(0);
  assert.deepEqual(await owners(), { [db]: "2", [web]: "2" });
  assert.equal(owner.hasEnded(), true);
});

test("an instance that is unhealthy for its owner is deregistered, until the owner finds it healthy again", async (t) => {
  const { clock, start, owners } = scene(t);
  const { file, plan } = await checkedService(t, "web");
  start([plan]);
  await eventually("it is registered", async () => {
    await clock.advance(1000);
    return (await owners())[web];
  });
  const standby = start([service("web")]);
  await clock.advance(1000);
  await rm(file);
  await eventually("it is deregistered", async () => {
    await clock.advance(1000);
    return !(web in (await owners()));
  });
  await clock.advance(ttlMs);
  assert.deepEqual([await owners(), standby.standbyFor()], [{}, ["1"]]);
});

test("entries that the standby does not want are drained", async (t) => {
  const { clock, start, owners, recorded } = scene(t);
  const owner = start();
  await clock.advance(0);
  start([service("web")]);
  await clock.advance(1000);
  owner.stop();
  await clock.advance(0);
  assert.deepEqual(await owners(), { [db]: "1", [web]: "2" });
  await clock.advance(3000 + drainDelayMs);
  assert.equal(owner.hasEnded(), true);
  assert.deepEqual(drainsIn(owner.log), [
    ["drain_started", ["db/10.0.0.1:80"]],
    ["drain_ended", ["db/10.0.0.1:80"]],
  ]);
  assert.deepEqual(
    [await owners(), recorded],
    [{ [web]: "2" }, [`${db} weight 0`, `${db} absent`]],
  );
});

test("the drain after a hand-over ends within the shutdown timeout, if a watcher does not acknowledge", async (t) => {
  const { clock, store, start, owners } = scene(t);
  const owner = start();
  const watcher = await store.open().open(ttlMs, never);
  const value = encodeWatcherEntry({
    ...{ session: watcher.id, prefixes: ["/services"], drained: new Map() },
  });
  await watcher.put(`${watchersFolder}/slow`, value, never);
  await clock.advance(0);
  start([service("web")]);
  await clock.advance(1000);
  owner.stop();
  await clock.advance(0.8 * shutdownTimeoutMs - 1);
  assert.equal(owner.hasEnded(), false);
  await clock.advance(1);
  assert.equal(owner.hasEnded(), true);
  assert.deepEqual(Object.keys(await owners()), [web]);
});

test("an owner and its standby that stop at the same time: the owner drains", async (t) => {
  const { clock, owner, standby, recorded } = await pair(t);
  standby.stop();
  owner.stop();
  await clock.advance(0);
  assert.equal(standby.hasEnded(), true);
  await clock.advance(3000 + drainDelayMs);
  assert.equal(owner.hasEnded(), true);
  assert.deepEqual(recorded.slice(0, 2), [`${db} weight 0`, `${web} weight 0`]);
});

test("of two standbys one takes over, and the other one stands by for it", async (t) => {
  const { clock, start, owner, standby, owners, recorded } = await pair(t);
  const third = start();
  await clock.advance(3 * ttlMs);
  assert.deepEqual(third.standbyFor(), ["1", "1"]);
  owner.stop();
  await clock.advance(ttlMs);
  const [now] = new Set(Object.values(await owners()));
  const [last, next] = now === "2" ? [standby, third] : [third, standby];
  assert.deepEqual(next.standbyFor(), [now, now]);
  last.stop();
  await clock.advance(0);
  assert.equal(last.hasEnded(), true);
  assert.deepEqual(recorded, []);
});

test("without permission to ask, entries are taken over at once, and once", async (t) => {
  const { clock, start, owners, recorded } = scene(t);
  const isDenied = (key: string) => (key.startsWith("/sidekick/") ? denial("memory:") : undefined);
  const agents = [start(), start()];
  for (const { keyspace } of agents) keyspace.denied = isDenied;
  await clock.advance(0);
  const first = (await owners())[web];
  await clock.advance(10 * ttlMs);
  assert.notEqual((await owners())[web], first);
  const registered = agents.flatMap(({ log }) => log.events.filter((one) => one === "registered"));
  assert.equal(registered.length, 4);
  for (const { log } of agents) {
    assert.ok(log.events.filter((one) => one === "hand_over_denied").length <= 1);
  }
  assert.deepEqual(recorded, []);
});

test("a standby whose instance is drained gives it up", async (t) => {
  const { clock, owner, standby, owners, recorded } = await pair(t);
  const draining = standby.agent.operations.drain(
    { names: [name], forMs: 60_000, wait: false },
    never,
  );
  await clock.advance(0);
  assert.deepEqual(await draining, { drained: [name], cancelled: [], missing: [] });
  assert.deepEqual(standby.standbyFor(), [undefined, "1"]);
  assert.deepEqual([await owners(), recorded], [{ [db]: "1", [web]: "1" }, []]);
  assert.equal(standby.log.events.includes("deregistered"), false);
  assert.equal(owner.hasEnded(), false);
});

test("an entry below /sidekick/standby that its session does not keep is no standby", async (t) => {
  const { clock, store, start } = scene(t);
  const owner = start();
  await clock.advance(0);
  store.write(standbyKeyOf("1"), encodeStandby({ session: "7", ask: 1 }));
  await clock.advance(1000);
  owner.stop();
  await clock.advance(drainDelayMs - 1);
  assert.equal(owner.log.events.includes("handing_over"), false);
});

for (const isSeenAlone of [true, false]) {
  const when = isSeenAlone
    ? "before the others are drained"
    : "together with the drain of the others";
  test(`instances that another agent holds are given up without a drain, if the log sees it ${when}`, async (t) => {
    const state = createState();
    const [clock, log] = [new ManualClock(), new RecordingLog()];
    const keyspace = new MemoryStore(clock).open();
    const plan = new Cell({ drainDelayMs, shutdownTimeoutMs, prefix: "/services" });
    const deps = { clock, log, keyspace, random: () => 0, isReachable: () => false };
    const drains = new DrainController(plan, state, new Map(), deps);
    const logging = logDrains(plan, { ...state, draining: drains.draining }, deps, t.signal);
    logging.catch(() => {});
    const found = ["web", "db"].map((one) => {
      const instance = { service: one, id: "10.0.0.1:80", host: "10.0.0.1", port: 80 };
      return { instance, checks: [], standing: { state: "up" } as const };
    });
    state.found.set({ found, quarantined: [], isComplete: true });
    state.held.set({ owners: new Map([[web, "2"]]), takenBy: new Set(["2"]) });
    state.confirmed.set(new Set([db]));
    await clock.advance(0);
    drains.giveUpHeld();
    if (isSeenAlone) await clock.advance(0);
    assert.deepEqual(log.events, []);
    const draining = drains.drainAll(0, t.signal);
    await clock.advance(drainDelayMs);
    await draining;
    assert.deepEqual(drainsIn(log), [
      ["drain_started", ["db/10.0.0.1:80"]],
      ["drain_ended", ["db/10.0.0.1:80"]],
    ]);
  });
}
