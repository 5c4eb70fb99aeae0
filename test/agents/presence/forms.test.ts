import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { ServicePlan } from "../../../lib/config/plan.ts";
import type { EntryForm } from "../../../lib/model/entry-form.ts";
import { eventually } from "../../support/process.ts";
import {
  checkedService,
  drainDelayMs,
  presenceScene,
  revisionOf,
  service,
  ttlMs,
} from "./scene.ts";

const value = '{"host":"10.0.0.1","port":80,"name":"i-1"}';
const drained = '{"host":"10.0.0.1","port":80,"name":"i-1","weight":0}';

function placed(form: EntryForm | undefined, id = "i-1"): ServicePlan {
  const own = { ...service("web"), id, instance: "i-1", path: "/nerve/web" };
  return { ...own, ...(form && { form }) };
}

/** A running agent with these services. */
async function registered(t: TestContext, services: readonly ServicePlan[]) {
  const scene = presenceScene(t, { services, format: "nerve" });
  const { stop, ended } = scene.run();
  await scene.clock.advance(0);
  return { ...scene, stop, ended, entries: () => scene.stored("/nerve") };
}

test("an instance is registered in a folder of its own, and its operations find it there", async (t) => {
  const { entries, agent, clock, instance, stop, ended } = await registered(t, [placed(undefined)]);
  assert.deepEqual(await entries(), { "/nerve/web/i-1": value });
  assert.equal(instance("web/i-1")?.registered, true);
  const weighed = agent.operations.weigh({ names: ["web/i-1"], weight: 3 }, never);
  await clock.advance(0);
  assert.deepEqual(await weighed, { instances: [{ name: "web/i-1", weight: 3, why: "" }] });
  stop();
  await clock.advance(drainDelayMs);
  await ended;
  assert.deepEqual(await entries(), {});
});

test("an entry that another client removes from a folder of its own is restored", async (t) => {
  const { entries, clock, log, store } = await registered(t, [placed({ isPersistent: true })]);
  store.remove("/nerve/web/i-1", undefined);
  await clock.advance(ttlMs);
  assert.deepEqual(await entries(), { "/nerve/web/i-1": value });
  assert.ok(log.events.includes("restored"));
});

test("numbered entries of one name are several, and a drain waits for the watchers of each", async (t) => {
  const services = [
    placed({ isNumbered: true }),
    { ...placed({ isNumbered: true, name: "i-1" }, "other"), port: 81 },
  ];
  const { entries, agent, clock, store, watcher, instance } = await registered(t, services);
  const [first, second] = ["/nerve/web/i-1_0000000000", "/nerve/web/i-1_0000000001"];
  assert.deepEqual(Object.keys(await entries()), [first, second]);
  const { acknowledge } = await watcher("w", ["/nerve"]);
  const request = { names: ["web/i-1"], forMs: 60_000, wait: true };
  const draining = agent.operations.drain(request, never);
  await clock.advance(drainDelayMs);
  assert.equal((await entries())[first], drained);
  assert.deepEqual(instance("web/i-1")?.drain?.waitingFor, ["w"]);
  await acknowledge({ [first]: await revisionOf(store, first) });
  await clock.advance(0);
  assert.deepEqual(await draining, { drained: ["web/i-1"], cancelled: [], missing: [] });
  assert.deepEqual(Object.keys(await entries()), [second]);
});

test("a name that encodes the value changes with it, and the former node is removed", async (t) => {
  const form = { isNumbered: true, encodesValue: true };
  const { entries, agent, clock } = await registered(t, [placed(form)]);
  const names = async () => Object.keys(await entries()).map((key) => key.split("_").at(-1));
  assert.deepEqual(await names(), ["0000000000"]);
  const weighed = agent.operations.weigh({ names: ["web/i-1"], weight: 0 }, never);
  await clock.advance(0);
  await weighed;
  assert.deepEqual(await names(), ["0000000001"]);
  assert.deepEqual(Object.values(await entries()), [drained]);
});

test("a persistent entry has no owner, stays in place, and is removed when its instance is unhealthy", async (t) => {
  const { file, plan } = await checkedService(t, "web");
  const own = { ...plan, id: "i-1", instance: "i-1", path: "/nerve/web" };
  const scene = await registered(t, [{ ...own, form: { isPersistent: true } }]);
  const { entries, clock, log } = scene;
  await eventually("it is registered", async () => {
    await clock.advance(0);
    return Object.keys(await entries()).length === 1;
  });
  await clock.advance(3 * ttlMs);
  assert.ok(!log.events.includes("restored"), "it counts as what it should be");
  await rm(file);
  await eventually("it is removed", async () => {
    await clock.advance(1000);
    return Object.keys(await entries()).length === 0;
  });
});

test("a persistent entry is removed when the agent stops, and stays when its session expires", async (t) => {
  const { entries, clock, store, stop, ended } = await registered(t, [
    placed({ isPersistent: true }),
  ]);
  store.expireSessions();
  assert.deepEqual(await entries(), { "/nerve/web/i-1": value });
  await clock.advance(1000);
  stop();
  await clock.advance(drainDelayMs);
  await ended;
  assert.deepEqual(await entries(), {});
});
