import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openRequested } from "../../../agents/presence/requested.ts";
import { never } from "../../../lib/base/signal.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { checkedService, drainDelayMs, presenceScene, revisionOf, service } from "./scene.ts";

const [name, key] = ["web/10.0.0.1:80", "/services/web/10.0.0.1:80"];
const other = "/services/db/10.0.0.1:80";
const services = [{ ...service("web"), weight: 10 }, service("db")];

type Options = Parameters<typeof presenceScene>[1];

/** Two instances that are registered. `path` is the file of what was requested. */
async function registered(t: TestContext, plan: Options = { services }, path?: string) {
  const file = await openRequested(path, { clock: new ManualClock(), log: new RecordingLog() });
  const scene = presenceScene(t, plan, file);
  const { stop, ended } = scene.run();
  await scene.clock.advance(0);
  const weights = async () => {
    const stored = Object.entries(await scene.stored());
    return Object.fromEntries(stored.map(([at, value]) => [at, JSON.parse(value).weight ?? 1]));
  };
  const { drain, undrain, weigh } = scene.agent.operations;
  const operations = {
    drain: (forMs: number, wait = false) => drain({ names: [name], forMs, wait }, never),
    undrain: (names = [name]) => undrain(names, never),
    weigh: (weight: number | undefined) => weigh({ names: [name], weight }, never),
  };
  return { ...scene, ...operations, stop, ended, weights };
}

test("an instance that is undrained is registered again, as before, and its drain is cancelled", async (t) => {
  const { drain, undrain, clock, weights, instance, log } = await registered(t);
  const draining = drain(8000);
  await clock.advance(0);
  assert.equal((await weights())[key], 0);
  const undrained = undrain();
  await clock.advance(0);
  assert.deepEqual(await undrained, { instances: [{ name, weight: 10, why: "" }] });
  assert.deepEqual(await draining, { drained: [], cancelled: [name], missing: [] });
  assert.deepEqual(await weights(), { [key]: 10, [other]: 1 });
  assert.equal(instance(name)?.draining, false);
  await clock.advance(60_000);
  assert.equal((await weights())[key], 10, "the deadline of the drain is over, and does nothing");
  assert.deepEqual(
    log.events.filter((event) => event.startsWith("drain_")),
    ["drain_started", "drain_cancelled"],
  );
});

test("an instance that was drained and deregistered is registered again", async (t) => {
  const { drain, undrain, clock, weights } = await registered(t);
  const drained = drain(1000);
  await clock.advance(1000);
  await drained;
  assert.equal((await weights())[key], undefined);
  const undrained = undrain();
  await clock.advance(0);
  assert.deepEqual(await undrained, { instances: [{ name, weight: 10, why: "" }] });
  assert.equal((await weights())[key], 10);
});

test("one that is undrained while the drain waits for watchers is not drained after that", async (t) => {
  const { drain, undrain, clock, weights, watcher, store } = await registered(t);
  const front = await watcher("front");
  const draining = drain(60_000, true);
  await clock.advance(drainDelayMs);
  const revision = await revisionOf(store, key);
  const undrained = undrain();
  await clock.advance(0);
  await undrained;
  await front.acknowledge({ [key]: revision });
  await clock.advance(60_000);
  assert.deepEqual(await draining, { drained: [], cancelled: [name], missing: [] });
  assert.equal((await weights())[key], 10);
});

test("an unhealthy instance that is undrained is registered once it is healthy", async (t) => {
  const { file, plan } = await checkedService(t, "web");
  const scene = await registered(t, { services: [plan] });
  const { drain, undrain, clock, stored } = scene;
  await eventually("it is registered", async () => {
    await clock.advance(100);
    return key in (await stored());
  });
  const drained = drain(1000);
  await clock.advance(1000);
  await drained;
  await rm(file);
  await eventually("it is unhealthy", async () => {
    await clock.advance(1000);
    return scene.instance(name)?.verdict === "down";
  });
  const undrained = undrain();
  await clock.advance(0);
  const [outcome] = (await undrained).instances;
  assert.equal(outcome?.weight, undefined);
  assert.match(outcome?.why ?? "", /test -e/);
  assert.deepEqual(await stored(), {});
  await writeFile(file, "");
  await eventually("it is registered again", async () => {
    await clock.advance(1000);
    return key in (await stored());
  });
});

test("a weight applies until it is taken back; 0 keeps the instance registered", async (t) => {
  const { weigh, clock, weights, instance, drain, undrain } = await registered(t);
  const set = async (weight: number | undefined) => {
    const done = weigh(weight);
    await clock.advance(0);
    return (await done).instances[0]?.weight;
  };
  assert.equal(await set(20), 20);
  assert.deepEqual(await weights(), { [key]: 20, [other]: 1 });
  assert.equal(instance(name)?.requestedWeight?.weight, 20);
  void drain(1000);
  await clock.advance(1000);
  assert.equal((await weights())[key], undefined);
  const undrained = undrain();
  await clock.advance(0);
  assert.equal((await undrained).instances[0]?.weight, 20, "as before the drain");
  assert.equal(await set(0), 0);
  await clock.advance(3_600_000);
  assert.deepEqual(await weights(), { [key]: 0, [other]: 1 });
  assert.equal(instance(name)?.draining, false);
  assert.equal(await set(undefined), 10);
  assert.deepEqual(await weights(), { [key]: 10, [other]: 1 });
  assert.equal(instance(name)?.requestedWeight, undefined);
});

test("entries without weights get none", async (t) => {
  const { agent, run, clock } = presenceScene(t, { services, format: "address" });
  run();
  await clock.advance(0);
  const refused = agent.operations.weigh({ names: [name], weight: 1 }, never);
  await assert.rejects(refused, { code: "CONTROL_NO_WEIGHTS" });
});

test("a drain names the watchers that it waits for, in the log and in the status, until they acknowledge", async (t) => {
  const { drain, clock, watcher, store, instance, log } = await registered(t);
  const [front, edge] = [await watcher("front"), await watcher("edge")];
  void drain(60_000, true);
  await clock.advance(drainDelayMs);
  const acknowledged = { [key]: await revisionOf(store, key) };
  const { drain: shown } = instance(name) ?? {};
  assert.deepEqual([shown?.reason, shown?.waitingFor], ["request", ["edge", "front"]]);
  await front.acknowledge(acknowledged);
  await clock.advance(1000);
  assert.deepEqual(instance(name)?.drain?.waitingFor, ["edge"]);
  await edge.acknowledge(acknowledged);
  await clock.advance(0);
  assert.deepEqual(instance(name)?.drain?.waitingFor, []);
  const lines = log.lines.filter(({ event }) => event.startsWith("drain_"));
  assert.deepEqual(
    lines.map(({ event, details }) => [event, details.watchers]),
    [
      ["drain_started", undefined],
      ["drain_waiting", ["edge", "front"]],
      ["drain_waiting", ["edge"]],
      ["drain_ended", undefined],
    ],
  );
});

test("a shutdown is logged as a drain, with the watchers that have not acknowledged", async (t) => {
  const { stop, clock, watcher, log } = await registered(t);
  await watcher("slow");
  stop();
  await clock.advance(600_000);
  const lines = log.lines.filter(({ event }) => event.startsWith("drain_"));
  assert.deepEqual(
    lines.map(({ event, details }) => [event, details.reason, details.watchers]),
    [
      ["drain_started", "shutdown", undefined],
      ["drain_waiting", undefined, ["slow"]],
      ["drain_ended", "shutdown", ["slow"]],
    ],
  );
});

test("requested drains and weights outlive a restart of the agent, also in the middle of a drain", async (t) => {
  const path = join(await throwAwayFolder(t), "web.requested");
  const before = await registered(t, { services }, path);
  void before.drain(60_000);
  await before.clock.advance(0);
  const weighed = before.agent.operations.weigh({ names: ["db/10.0.0.1:80"], weight: 5 }, never);
  await before.clock.advance(0);
  await weighed;
  await eventually("it is saved", async () => {
    const text = await readFile(path, "utf8").catch(() => "");
    return text.includes('"weight": 5') && text.includes(name);
  });
  before.stop();
  await before.clock.advance(600_000);
  await before.ended;

  const after = await registered(t, { services }, path);
  assert.deepEqual(await after.weights(), { [key]: 0, [other]: 5 });
  await after.clock.advance(60_000);
  assert.deepEqual(await after.weights(), { [other]: 5 });
  const undrained = after.undrain();
  await after.clock.advance(0);
  await undrained;
  assert.deepEqual(await after.weights(), { [key]: 10, [other]: 5 });
  await eventually(
    "that is saved, too",
    async () => !(await readFile(path, "utf8")).includes(name),
  );
  const again = await registered(t, { services }, path);
  assert.deepEqual(await again.weights(), { [key]: 10, [other]: 5 });
});

test("a drain that readers have seen outlives an agent that is killed at this moment", async (t) => {
  const path = join(await throwAwayFolder(t), "web.requested");
  const { drain, weights, clock } = await registered(t, { services }, path);
  void drain(60_000);
  await eventually("it drains", async () => {
    await clock.advance(0);
    return (await weights())[key] === 0;
  });
  const log = new RecordingLog();
  const { restored } = await openRequested(path, { clock: new ManualClock(), log });
  assert.deepEqual([...restored.draining.keys()], [name]);
});

test("an instance that is undrained while its drain is being saved is undrained after a restart, too", async (t) => {
  const path = join(await throwAwayFolder(t), "web.requested");
  const { drain, undrain, clock } = await registered(t, { services }, path);
  void drain(60_000);
  await clock.advance(0);
  await undrain();
  assert.ok(!(await readFile(path, "utf8")).includes(name));
});

test("a weight is saved once its request is answered, also that of an unhealthy instance", async (t) => {
  const path = join(await throwAwayFolder(t), "web.requested");
  const check = { type: "exec" as const, command: ["false"], interval: 1000, timeout: 1000 };
  const unhealthy = { ...service("web"), checks: [{ ...check, rise: 1, fall: 1 }] };
  const { agent } = await registered(t, { services: [unhealthy] }, path);
  await agent.operations.weigh({ names: [name], weight: 5 }, never);
  assert.match(await readFile(path, "utf8"), /"weight": 5/);
});

test("a saved file that cannot be used is logged and ignored", async (t) => {
  const path = join(await throwAwayFolder(t), "web.requested");
  await writeFile(path, "{");
  const log = new RecordingLog();
  const file = await openRequested(path, { clock: new ManualClock(), log });
  assert.deepEqual(log.events, ["requested_rejected"]);
  const { run, clock, stored } = presenceScene(t, { services }, file);
  run();
  await clock.advance(0);
  assert.equal(Object.keys(await stored()).length, 2);
});
