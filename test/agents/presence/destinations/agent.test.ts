import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { createPresence } from "../../../../agents/presence/agent.ts";
import { withDestinations } from "../../../../agents/presence/destinations/beside.ts";
import { Destinations } from "../../../../agents/presence/destinations/destinations.ts";
import { joined } from "../../../../agents/presence/several.ts";
import { never } from "../../../../lib/base/signal.ts";
import type { PresencePlan } from "../../../../lib/config/plan.ts";
import { MemoryStore } from "../../../../lib/keyspace/memory.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { destinationFault, MemoryDestination } from "../../../support/memory-destination.ts";
import { RecordingLog } from "../../../support/recording-log.ts";
import { running } from "../../../support/service.ts";
import { checkedService, presenceScene, service, shutdownTimeoutMs } from "../scene.ts";

/** An agent with a destination in memory, and the order in which things happen to its instance. */
async function scene(t: TestContext, plan: Partial<PresencePlan> = {}) {
  let destination: MemoryDestination | undefined;
  const one = presenceScene(t, plan, undefined, (clock) => {
    destination = new MemoryDestination(clock);
    return [{ destination, services: ["web"] }];
  });
  assert.ok(destination);
  const text = () => one.report().reasons.map(({ kind, message }) => `${kind}: ${message}`);
  return { ...one, destination, text };
}

test("an instance is registered once the keyspace and its destinations have it", async (t) => {
  const one = await scene(t, { services: [service("web"), service("api", "10.0.0.2")] });
  one.destination.onCall = () => {
    throw destinationFault("UNREACHABLE");
  };
  one.run();
  await one.clock.advance(100);
  assert.equal(one.instance("web/10.0.0.1:80")?.registered, false);
  assert.equal(one.instance("api/10.0.0.2:80")?.registered, true);
  assert.equal(one.instance("api/10.0.0.2:80")?.destinations, undefined);
  assert.equal(one.report().ready, false);
  assert.deepEqual(one.text(), [
    "not registered: web/10.0.0.1:80 is healthy, and not registered in memory/one yet",
    "destination failing: memory/one: unreachable",
  ]);
  one.destination.onCall = () => {};
  await one.clock.advance(40_000);
  const [place] = one.instance("web/10.0.0.1:80")?.destinations ?? [];
  assert.equal(place?.state, "serving");
  assert.equal(one.instance("web/10.0.0.1:80")?.registered, true);
  assert.deepEqual([one.report().ready, one.text()], [true, []]);

  // What was registered is not unready because its destination cannot be reached.
  one.destination.onCall = () => {
    throw destinationFault("UNREACHABLE");
  };
  await one.clock.advance(400_000);
  assert.equal(one.report().ready, true);
  assert.deepEqual(one.text(), ["destination failing: memory/one: unreachable"]);
});

test("the verdict decides, and the last healthy one stays with a reason", async (t) => {
  const { file, plan } = await checkedService(t, "web");
  const one = await scene(t, { services: [plan] });
  one.run();
  await until(one.clock, () => one.destination.registered.length === 1);
  one.destination.hasOthers = false;
  await rm(file);
  await until(one.clock, () => one.text().some((text) => text.startsWith("last one kept")));
  assert.deepEqual(one.destination.registered, ["web/10.0.0.1:80"]);
  assert.deepEqual(await one.stored(), {});
  one.destination.hasOthers = true;
  await until(one.clock, () => one.destination.registered.length === 0);
});

test("a requested drain deregisters, and waits for the destination as for a watcher", async (t) => {
  const one = await scene(t);
  one.run();
  await one.clock.advance(20_000);
  const names = ["web/10.0.0.1:80"];
  let missing: unknown;
  const request = { names, forMs: 60_000, wait: true };
  const draining = one.agent.operations.drain(request, never).then((drained) => {
    ({ missing } = drained);
  });
  await one.clock.advance(10_000);
  assert.deepEqual(one.destination.registered, []);
  assert.equal(missing, undefined);
  assert.deepEqual(one.instance(names[0] ?? "")?.drain?.waitingFor, ["memory/one"]);
  await one.clock.advance(20_000);
  await draining;
  assert.deepEqual(missing, []);
  await one.agent.operations.undrain(names, never);
  await one.clock.advance(1000);
  assert.deepEqual(one.destination.registered, names);
});

test("at the stop the destination is waited for before the agent ends", async (t) => {
  const one = await scene(t);
  const agent = one.run();
  await one.clock.advance(20_000);
  const startMs = one.clock.now();
  agent.stop();
  await one.clock.advance(0);
  assert.deepEqual(one.destination.registered, []);
  await one.clock.advance(4900);
  assert.equal(agent.hasEnded(), false);
  await one.clock.advance(10_000);
  assert.equal(agent.hasEnded(), true);
  const observed = one.destination.calls.filter(([ms]) => ms > startMs).map(([, call]) => call);
  assert.ok(observed.length <= 4, `${observed.join(", ")}`);
});

test("at the stop a destination that cannot be reached delays the agent no longer than the shutdown timeout", async (t) => {
  const one = await scene(t);
  const agent = one.run();
  await one.clock.advance(20_000);
  one.destination.onCall = () => {
    throw destinationFault("UNREACHABLE");
  };
  agent.stop();
  await one.clock.advance(0.8 * shutdownTimeoutMs - 100);
  assert.equal(agent.hasEnded(), false);
  await one.clock.advance(0.11 * shutdownTimeoutMs);
  assert.equal(agent.hasEnded(), true);
  assert.ok(one.log.events.includes("destination_left"));
});

test("wait --served counts a destination as one more watcher", async (t) => {
  const one = await scene(t);
  one.run();
  await one.clock.advance(100);
  const request = { names: ["web/10.0.0.1:80"], minShare: 1, limitMs: 60_000 };
  let answer: unknown;
  const asking = one.agent.operations.untilServed(request, never).then(({ instances }) => {
    answer = instances[0];
  });
  await one.clock.advance(5000);
  assert.equal(answer, undefined);
  await one.clock.advance(20_000);
  await asking;
  const served = { isServed: true, serving: 1, watchers: 1, missing: [], isKnown: true, why: "" };
  assert.deepEqual(answer, { name: "web/10.0.0.1:80", ...served });

  one.destination.sick.add("web/10.0.0.1:80");
  await one.clock.advance(400_000);
  const failing = one.agent.operations.untilServed({ ...request, limitMs: 1000 }, never);
  await one.clock.advance(2000);
  const [other] = (await failing).instances;
  assert.deepEqual([other?.isServed, other?.serving, other?.missing], [false, 0, ["memory/one"]]);
});

test("a destination has the instances of several keyspaces, each once", async (t) => {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const destination = new MemoryDestination(clock);
  const deps = { clock, random: () => 0, log };
  const destinations = new Destinations([{ destination }], deps);
  const parts = ["10.0.0.1", "10.0.0.2"].map((host) =>
    createPresence(
      {
        ...{ ttlMs: 10_000, drainDelayMs: 1000, shutdownTimeoutMs },
        ...{ prefix: "/services", format: "json", name: "host" },
        services: [service("web", host)],
      },
      { ...deps, keyspace: new MemoryStore(clock).open(), destinations },
    ),
  );
  const agent = withDestinations(joined(parts), destinations, shutdownTimeoutMs);
  const whole = running(t, agent, clock);
  await clock.advance(0);
  const names = ["web/10.0.0.1:80", "web/10.0.0.2:80"];
  assert.deepEqual(destination.registered, names);
  const registered = destination.calls.flatMap(([, call]) => call.split(" ").slice(1));
  assert.ok(registered.length <= 5, `${registered}`);
  const { presence, loops } = agent.status();
  assert.deepEqual(
    presence?.destinations?.map(({ name }) => name),
    ["memory/one"],
  );
  assert.equal(loops.filter(({ name }) => name === "memory/one").length, 1);
  whole.stop();
  await clock.advance(shutdownTimeoutMs);
  assert.equal(whole.hasEnded(), true);
  assert.deepEqual(destination.registered, []);
});

/** Lets time pass until a condition holds: probes are real commands. */
async function until(
  clock: { readonly advance: (ms: number) => Promise<void> },
  condition: () => boolean,
): Promise<void> {
  for (let i = 0; i < 2000; i += 1) {
    if (condition()) return;
    await clock.advance(500);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.fail("the condition did not become true");
}
