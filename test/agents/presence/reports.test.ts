import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { PresencePlan } from "../../../lib/config/plan.ts";
import type { Suspects } from "../../../lib/model/suspects-entry.ts";
import { presenceScene, service } from "./scene.ts";

const name = "web/10.0.0.1:80";
const key = "/services/web/10.0.0.1:80";
const other = "/services/web/10.0.0.9:80";
const unconnected: Suspects = new Map([[key, { suspicion: "cannot connect", why: "" }]]);
const both: Suspects = new Map([...unconnected, [other, { suspicion: "cannot connect", why: "" }]]);
const nothing: Suspects = new Map();

/** An agent with a registered instance, another instance of its service, and three watchers that use them. */
async function scene(t: TestContext, plan: Partial<PresencePlan> = {}, hasOther = true) {
  const started = presenceScene(t, plan);
  const { clock, client, instance, log, run, watcher } = started;
  const session = await client.open(10_000, never);
  if (hasOther) await session.put(other, "10.0.0.9:80", never);
  const [one, two, three] = [await watcher("one"), await watcher("two"), await watcher("three")];
  run();
  await clock.advance(1000);
  const reported = () => instance(name)?.proxies?.why ?? "";
  const state = () =>
    `${instance(name)?.verdict}${instance(name)?.registered ? " registered" : ""}`;
  const events = (event: string) => log.lines.filter((line) => line.event === event).length;
  return { ...started, one, two, three, reported, state, events };
}

const uses = "they use 10.0.0.1:80, it has no check";

test("an instance that proxies fail to use is reported by status, logged once, and checked at once", async (t) => {
  const { clock, events, one, two, report, reported, triggered, state } = await scene(t);
  assert.equal(report().degraded, false);
  await one.suspect(unconnected);
  await clock.advance(1);
  assert.equal(reported(), `1 of 3 proxies cannot connect to it (one); ${uses}`);
  const [reason] = report().reasons;
  assert.equal(reason?.kind, "failing at proxies");
  assert.equal(reason?.message, `${name} is healthy, and ${reported()}`);
  assert.deepEqual([report().ready, state()], [true, "up registered"]);
  assert.deepEqual([events("suspected"), triggered], [1, [name]]);

  const down = { suspicion: "excluded", why: "the proxy's check cannot connect (L4CON)" } as const;
  await two.suspect(new Map([[key, down]]));
  await clock.advance(1);
  const second = "1 excludes it: the proxy's check cannot connect (L4CON) (two)";
  assert.equal(reported(), `1 of 3 proxies cannot connect to it (one); ${second}; ${uses}`);
  assert.deepEqual([events("suspected"), triggered], [1, [name, name]]);

  await one.suspect(nothing);
  await two.suspect(nothing);
  await clock.advance(1);
  assert.equal(reported(), "");
  assert.equal(events("suspicion_ended"), 1);
  assert.equal(report().degraded, false);
});

test("reports on instances of other agents, and those of a watcher that does not read the service, do not count", async (t) => {
  const { clock, watcher, one, reported } = await scene(t);
  const elsewhere = await watcher("elsewhere", ["/services/api"]);
  await elsewhere.suspect(unconnected);
  await one.suspect(new Map([[other, { suspicion: "cannot connect", why: "" }]]));
  await clock.advance(20_000);
  assert.equal(reported(), "");
});

test("watchers that come are counted", async (t) => {
  const { clock, watcher, one, reported } = await scene(t);
  await one.suspect(unconnected);
  await clock.advance(1);
  await watcher("four");
  await clock.advance(10_000);
  assert.match(reported(), /^1 of 4 proxies/);
});

const heed = { share: 0.5, forMs: 10_000, retryMs: 30_000 };

test("without heed, an instance that all proxies report stays registered", async (t) => {
  const { clock, one, two, three, state } = await scene(t);
  for (const watcher of [one, two, three]) await watcher.suspect(unconnected);
  await clock.advance(600_000);
  assert.equal(state(), "up registered");
});

test("with heed, an instance is deregistered once enough proxies have reported it for long enough, and tried again", async (t) => {
  const { clock, one, two, stored, state, instance, log } = await scene(t, { heed });
  await one.suspect(unconnected);
  await clock.advance(60_000);
  assert.equal(state(), "up registered");
  await two.suspect(unconnected);
  await clock.advance(9000);
  assert.equal(state(), "up registered");
  await clock.advance(1001);
  assert.equal(state(), "down");
  assert.equal(
    instance(name)?.why,
    "heeding proxies: 2 of 3 proxies cannot connect to it (one, two)",
  );
  assert.deepEqual(Object.keys(await stored()), [other]);
  const changes = () => log.lines.filter(({ event }) => event === "health_changed");
  assert.equal(changes().length, 1);

  // A proxy has no server any longer that could fail.
  await one.suspect(nothing);
  await two.suspect(nothing);
  await clock.advance(29_000);
  assert.equal(state(), "down");
  await clock.advance(1001);
  assert.equal(state(), "up registered");
  assert.equal(changes().length, 2);

  await one.suspect(unconnected);
  await two.suspect(unconnected);
  await clock.advance(10_001);
  assert.equal(state(), "down");
  await one.suspect(nothing);
  await two.suspect(nothing);
  await clock.advance(59_000);
  assert.equal(state(), "down");
  await clock.advance(1001);
  assert.equal(state(), "up registered");
});

test("with heed, the last instance of a service stays, which is logged once", async (t) => {
  const { clock, one, two, three, state, events } = await scene(t, { heed }, false);
  for (const watcher of [one, two, three]) await watcher.suspect(unconnected);
  await clock.advance(60_000);
  assert.equal(state(), "up registered");
  assert.equal(events("heed_last_kept"), 1);
});

test("with heed, an instance stays if the others of its service are reported, too, or take no requests", async (t) => {
  const reported = await scene(t, { heed });
  for (const watcher of [reported.one, reported.two]) await watcher.suspect(both);
  await reported.clock.advance(60_000);
  assert.equal(reported.state(), "up registered");

  const drained = await scene(t, { heed }, false);
  const session = await drained.client.open(10_000, never);
  await session.put(other, JSON.stringify({ host: "10.0.0.9", port: 80, weight: 0 }), never);
  for (const watcher of [drained.one, drained.two]) await watcher.suspect(unconnected);
  await drained.clock.advance(60_000);
  assert.equal(drained.state(), "up registered");
});

test("with heed, two instances of one agent are not both deregistered if nothing else is left", async (t) => {
  const services = [service("web"), service("web", "10.0.0.2")];
  const { clock, one, two, three, stored } = await scene(t, { heed, services }, false);
  const all: Suspects = new Map([
    ...unconnected,
    ["/services/web/10.0.0.2:80", { suspicion: "responses fail", why: "" }],
  ]);
  for (const watcher of [one, two, three]) await watcher.suspect(all);
  await clock.advance(60_000);
  assert.equal(Object.keys(await stored()).length, 2);
});
