import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { Drained } from "../../../lib/control/contract.ts";
import { schema as dockerSchema } from "../../../lib/discover/docker/schema.ts";
import { startStandInEngine } from "../../lib/clients/docker/stand-in-engine.ts";
import type { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/process.ts";
import { drainDelayMs, presenceScene, revisionOf, service, shutdownTimeoutMs } from "./scene.ts";

const [name, key] = ["web/10.0.0.1:80", "/services/web/10.0.0.1:80"];
const other = "/services/db/10.0.0.1:80";
const services = [service("web"), service("db")];

/** Two instances that are registered. */
async function registered(t: TestContext) {
  const scene = presenceScene(t, { services });
  const { ended, hasEnded, stop } = scene.run();
  await scene.clock.advance(0);
  const weights = async () => {
    const stored = Object.entries(await scene.stored());
    return Object.fromEntries(stored.map(([at, value]) => [at, JSON.parse(value).weight ?? 1]));
  };
  const drain = (forMs: number, wait: boolean) =>
    scene.agent.operations.drain({ names: [name], forMs, wait }, never);
  return { ...scene, ended, hasEnded, stop, weights, drain };
}

/** When something is done, by the clock of the test. */
function timed<T>(clock: ManualClock, work: Promise<T>): () => number | undefined {
  let doneMs: number | undefined;
  void work.then(() => {
    doneMs = clock.now();
  });
  return () => doneMs;
}

test("a drained instance has weight 0 for a while, and then no entry, until it was gone", async (t) => {
  const { drain, clock, weights, instance, log } = await registered(t);
  const draining = drain(8000, false);
  const doneMs = timed(clock, draining);
  await clock.advance(0);
  assert.deepEqual(await weights(), { [key]: 0, [other]: 1 });
  assert.equal(instance(name)?.draining, true);
  assert.equal(instance(name)?.registered, true);
  await clock.advance(7999);
  assert.deepEqual(await weights(), { [key]: 0, [other]: 1 });
  assert.equal(doneMs(), undefined);
  await clock.advance(1);
  assert.deepEqual(await weights(), { [other]: 1 });
  assert.deepEqual(await draining, { drained: [name], cancelled: [], missing: [] });
  assert.equal(instance(name)?.registered, false);
  await clock.advance(3_600_000);
  assert.deepEqual(await weights(), { [other]: 1 }, "it stays deregistered");
  assert.deepEqual(log.events.slice(-2), ["deregistered", "drain_ended"]);
});

test("an instance that is drained again keeps its earlier deadline", async (t) => {
  const { drain, clock, weights } = await registered(t);
  void drain(2000, false);
  void drain(60_000, false);
  await clock.advance(1999);
  assert.equal((await weights())[key], 0);
  await clock.advance(1);
  assert.equal((await weights())[key], undefined);
});

test("nothing to drain is drained at once", async (t) => {
  const { agent } = await registered(t);
  const nothing = agent.operations.drain({ names: [], forMs: 1000, wait: true }, never);
  assert.deepEqual(await nothing, { drained: [], cancelled: [], missing: [] });
});

test("with wait, the entry goes as soon as every watcher that reads it has acknowledged", async (t) => {
  const { drain, clock, weights, watcher, store } = await registered(t);
  const [front, edge] = [await watcher("front"), await watcher("edge")];
  await watcher("elsewhere", ["/config"]);
  const draining = drain(60_000, true);
  await clock.advance(drainDelayMs);
  assert.equal((await weights())[key], 0);
  const revision = await revisionOf(store, key);
  await front.acknowledge({ [key]: revision });
  await edge.acknowledge({ [key]: String(Number(revision) - 1) });
  await clock.advance(1000);
  assert.equal((await weights())[key], 0, "an acknowledgement of an earlier entry does not count");
  await edge.acknowledge({ [key]: revision });
  await clock.advance(0);
  assert.deepEqual(await draining, { drained: [name], cancelled: [], missing: [] });
  assert.deepEqual(await weights(), { [other]: 1 });
});

test("with wait, the drain delay is kept even if all acknowledge at once", async (t) => {
  const { drain, clock, weights, watcher, store } = await registered(t);
  const front = await watcher("front");
  const doneMs = timed(clock, drain(60_000, true));
  await clock.advance(0);
  await front.acknowledge({ [key]: await revisionOf(store, key) });
  await clock.advance(drainDelayMs - 1);
  assert.equal((await weights())[key], 0);
  await clock.advance(1);
  assert.equal((await weights())[key], undefined);
  assert.equal(doneMs(), drainDelayMs);
});

test("with wait, the watchers that have not acknowledged at the limit are named", async (t) => {
  const { drain, clock, weights, watcher, store } = await registered(t);
  const [front] = [await watcher("front"), await watcher("slow")];
  const draining = drain(20_000, true);
  await clock.advance(0);
  await front.acknowledge({ [key]: await revisionOf(store, key) });
  await clock.advance(19_999);
  assert.equal((await weights())[key], 0);
  await clock.advance(1);
  assert.deepEqual(await draining, {
    drained: [name],
    cancelled: [],
    missing: [{ name, watcher: "slow" }],
  });
  assert.deepEqual(await weights(), { [other]: 1 });
});

test("a watcher that leaves during a drain is no longer waited for", async (t) => {
  const { drain, clock, weights, watcher } = await registered(t);
  const front = await watcher("front");
  void drain(60_000, true);
  await clock.advance(drainDelayMs + 1000);
  assert.equal((await weights())[key], 0);
  await front.leave();
  await clock.advance(0);
  assert.equal((await weights())[key], undefined);
});

test("a drain goes on when its client disconnects", async (t) => {
  const { agent, clock, weights } = await registered(t);
  const asking = new AbortController();
  const draining = agent.operations.drain(
    { names: [name], forMs: 8000, wait: false },
    asking.signal,
  );
  asking.abort(new Error("enough"));
  await assert.rejects(draining, { message: "enough" });
  await clock.advance(7999);
  assert.equal((await weights())[key], 0);
  await clock.advance(1);
  assert.equal((await weights())[key], undefined);
});

test("an agent that stops drains all its instances, and waits until they are acknowledged", async (t) => {
  const { stop, clock, weights, watcher, store, stored, hasEnded, ended } = await registered(t);
  const front = await watcher("front");
  stop();
  await clock.advance(drainDelayMs + 1000);
  assert.deepEqual(await weights(), { [key]: 0, [other]: 0 });
  assert.equal(hasEnded(), false);
  const revisions = await Promise.all([key, other].map((one) => revisionOf(store, one)));
  await front.acknowledge(
    Object.fromEntries([key, other].map((one, i) => [one, revisions[i] ?? ""])),
  );
  await clock.advance(0);
  await ended;
  assert.deepEqual(await stored(), {});
});

test("an agent that stops waits for watchers within its shutdown timeout", async (t) => {
  const { stop, clock, weights, watcher, stored, hasEnded } = await registered(t);
  await watcher("slow");
  stop();
  await clock.advance(0.8 * shutdownTimeoutMs - 1);
  assert.deepEqual(await weights(), { [key]: 0, [other]: 0 });
  assert.equal(hasEnded(), false);
  await clock.advance(1);
  assert.deepEqual(await stored(), {});
  assert.equal(hasEnded(), true);
});

test("an agent that stops without any watcher waits for the drain delay", async (t) => {
  const { stop, clock, stored, hasEnded } = await registered(t);
  stop();
  await clock.advance(drainDelayMs - 1);
  assert.equal(hasEnded(), false);
  await clock.advance(1);
  assert.equal(hasEnded(), true);
  assert.deepEqual(await stored(), {});
});

test("an agent whose keyspace is unreachable stops after the drain delay", async (t) => {
  const { stop, clock, keyspace, watcher, hasEnded } = await registered(t);
  await watcher("front");
  keyspace.disconnect();
  await clock.advance(0);
  stop();
  await clock.advance(drainDelayMs - 1);
  assert.equal(hasEnded(), false);
  await clock.advance(1);
  assert.equal(hasEnded(), true);
});

test("an agent that has registered nothing stops at once", async (t) => {
  const { run, clock, keyspace } = presenceScene(t);
  keyspace.disconnect();
  const { stop, hasEnded } = run();
  await clock.advance(1000);
  stop();
  await clock.advance(0);
  assert.equal(hasEnded(), true);
});

test("with format address a draining instance is removed at once, and the agent still waits", async (t) => {
  const { run, clock, stored, agent } = presenceScene(t, { services, format: "address" });
  const { stop, hasEnded } = run();
  await clock.advance(0);
  void agent.operations.drain({ names: [name], forMs: 8000, wait: false }, never);
  await clock.advance(0);
  assert.deepEqual(await stored(), { [other]: "10.0.0.1:80" });
  stop();
  await clock.advance(0);
  assert.deepEqual(await stored(), {});
  await clock.advance(drainDelayMs - 1);
  assert.equal(hasEnded(), false, "requests under way are answered");
  await clock.advance(1);
  assert.equal(hasEnded(), true);
});

test("an instance that cannot be marked in time is removed at the limit", async (t) => {
  const { drain, clock, keyspace, stored } = await registered(t);
  keyspace.disconnect();
  const draining: Promise<Drained> = drain(20_000, true);
  await clock.advance(20_000);
  keyspace.reconnect();
  await clock.advance(2000);
  assert.deepEqual(await draining, { drained: [name], cancelled: [], missing: [] });
  assert.deepEqual(Object.keys(await stored()), [other]);
});

/** A running container c1 that is registered, in an engine of which the test writes the events. */
async function registeredContainer(t: TestContext) {
  const engine = await startStandInEngine(t);
  const startedAt = new Map<string, string>();
  engine.answer = (path, response) => {
    const id = /^\/containers\/(c\d)\/json$/.exec(path)?.[1] ?? "";
    if (!engine.containers.has(id)) return;
    const StartedAt = startedAt.get(id) ?? "2026-01-01T00:00:00Z";
    const State = { Status: engine.containers.get(id), StartedAt };
    const Ports = { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8000" }] };
    const Config = { Image: "web", Labels: { SERVICE_NAME: "web" } };
    const container = { Id: id, Name: `/${id}`, State, Config, NetworkSettings: { Ports } };
    response.end(JSON.stringify(container));
    return true;
  };
  engine.containers.set("c1", "running");
  const docker = dockerSchema.parse({ socket: engine.socket, ip: "10.0.0.1" });
  const scene = presenceScene(t, { services: [], docker });
  const { clock, stored } = scene;
  const containerKey = "/services/web/host:c1:80";
  /** `stepMs` passes between two looks: a client that has lost the engine connects again only in time. */
  const becomes = (weight: number | undefined, stepMs = 0) =>
    eventually(`weight ${weight}`, async () => {
      await clock.advance(stepMs);
      const value = (await stored())[containerKey];
      const current = value === undefined ? undefined : (JSON.parse(value).weight ?? 1);
      return current === weight;
    });
  const { stop } = scene.run();
  await becomes(1);
  await eventually("it listens", () => engine.requests.some((path) => path.startsWith("/events")));
  /** A container starts, or is found to have been started. */
  const start = (id: string) => {
    startedAt.set(id, new Date(Date.now() + 60_000).toISOString());
    engine.containers.set(id, "running");
    engine.emit("start", id);
  };
  return { ...scene, engine, becomes, start, stop };
}

test("a container that is asked to stop is drained, and registered as new when it comes back", async (t) => {
  const { engine, becomes, start, clock, stored, instance, log } = await registeredContainer(t);
  engine.emit("kill", "c1", { signal: "15" });
  await becomes(0);
  assert.equal(instance("web/host:c1:80")?.draining, true);
  await clock.advance(drainDelayMs - 1);
  assert.equal(Object.keys(await stored()).length, 1);
  await clock.advance(1);
  await becomes(undefined);
  assert.equal(log.events.filter((event) => event === "instance_state").length, 1);

  engine.containers.delete("c1");
  engine.emit("die", "c1");
  await eventually("it is gone", async () => {
    await clock.advance(100);
    return log.events.includes("instance_gone");
  });
  start("c1");
  await becomes(1, 100);
  assert.equal(instance("web/host:c1:80")?.draining, false);
});

test("a drained container that was restarted is registered as new, even if its end went unnoticed", async (t) => {
  const { agent, engine, becomes, start, clock, instance, log } = await registeredContainer(t);
  engine.emit("kill", "c1", { signal: "15" });
  await becomes(0);
  await clock.advance(drainDelayMs);
  await becomes(undefined);
  start("c1");
  await becomes(1, 100);
  assert.equal(instance("web/host:c1:80")?.draining, false);
  assert.equal(log.events.filter((event) => event === "instance_gone").length, 1);

  const request = { names: ["web/host:c1:80"], forMs: 1000, wait: false };
  const drained = agent.operations.drain(request, never);
  await becomes(0);
  await clock.advance(1000);
  await drained;
  await becomes(undefined);
  start("c1");
  await becomes(1, 100);
});

test("a container that starts during the shutdown is not registered", async (t) => {
  const { becomes, start, stop, clock, store, instance, stored } = await registeredContainer(t);
  stop();
  await becomes(0);
  const revision = await revisionOf(store, "/services/web/host:c1:80");
  start("c2");
  await eventually("it is discovered", async () => {
    await clock.advance(0);
    return instance("web/host:c2:80") !== undefined;
  });
  assert.deepEqual(Object.keys(await stored()), ["/services/web/host:c1:80"]);
  assert.equal(await revisionOf(store, "/services/web/host:c1:80"), revision);
  assert.equal(instance("web/host:c2:80")?.draining, true);
});
