import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "../../../agents/presence/several.ts";
import { checkedService, presenceScene, revisionOf, service } from "./scene.ts";

const name = "web/10.0.0.1:80";
const key = "/services/web/10.0.0.1:80";

type Scene = ReturnType<typeof presenceScene>;

const reasons = ({ report }: Scene) =>
  report()
    .reasons.filter(({ kind }) => kind === "not served yet")
    .map(({ message }) => message);

test("with waitServed, an agent is ready once all watchers serve its instances, and from then on", async (t) => {
  const scene = presenceScene(t, { waitServed: true });
  const { clock, log, report, run, servedMs, store, watcher } = scene;
  const [one, other] = [await watcher("one"), await watcher("other")];
  assert.deepEqual(reasons(scene), ["it is not known yet whether the instances are served"]);
  run();
  await clock.advance(20_000);
  const missing = (serving: number, names: string) =>
    `${name} is not served yet: ${serving} of 2 watchers serve it; missing: ${names}`;
  assert.deepEqual(reasons(scene), [missing(0, "one, other")]);
  assert.equal(report().ready, false);

  const serving = { [key]: await revisionOf(store, key) };
  await one.serve(serving);
  await clock.advance(20_000);
  assert.deepEqual(reasons(scene), [missing(1, "other")]);
  const waits = log.lines.filter(({ event }) => event === "served_waiting");
  assert.equal(waits.length, 2);

  await other.serve(serving);
  await clock.advance(1);
  assert.deepEqual(reasons(scene), []);
  assert.equal(report().ready, true);
  // On the clock of the agent, from the put to the answer of the last watcher.
  assert.equal(servedMs.length, 1);
  assert.ok((servedMs[0] ?? 0) >= 40_000 && (servedMs[0] ?? 0) <= 40_001, String(servedMs));
  await other.serve({});
  await clock.advance(60_000);
  assert.equal(report().ready, true);
});

test("without waitServed, readiness waits for no watcher", async (t) => {
  const { clock, report, run, watcher } = presenceScene(t);
  await watcher("one");
  run();
  await clock.advance(1000);
  assert.equal(report().ready, true);
});

test("without a watcher, an agent with waitServed goes on waiting, and reports that; one that comes later is asked", async (t) => {
  const scene = presenceScene(t, { waitServed: true });
  const { clock, report, run, store, watcher } = scene;
  run();
  await clock.advance(60_000);
  assert.deepEqual(reasons(scene), [`${name} is not served yet: no watcher reads its service`]);
  const late = await watcher("late");
  await late.serve({ [key]: await revisionOf(store, key) });
  await clock.advance(20_000);
  assert.equal(report().ready, true);
});

test("instances that are unhealthy at the start are not waited for, nor if they become healthy later", async (t) => {
  const { file, plan } = await checkedService(t, "db");
  const { rm, writeFile } = await import("node:fs/promises");
  await rm(file);
  const scene = presenceScene(t, { waitServed: true, services: [plan] });
  const { clock, instance, report, run, watcher } = scene;
  await watcher("one");
  run();
  const until = async (verdict: string) => {
    while (instance("db/10.0.0.1:80")?.verdict !== verdict) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await clock.advance(1000);
    }
  };
  await until("down");
  await clock.advance(1000);
  assert.equal(report().ready, true);
  await writeFile(file, "");
  await until("up");
  await clock.advance(10_000);
  assert.equal(report().ready, true);
});

test("with several keyspaces, an agent waits in each, and each ends on its own", async (t) => {
  const [one, two] = [0, 1].map((i) =>
    presenceScene(t, { waitServed: true, services: [service(`web-${i}`)] }),
  ) as [Scene, Scene];
  const agent = joined([one.agent, two.agent]);
  const waiting = () => agent.status().presence?.unserved?.map(({ name }) => name);
  assert.deepEqual(waiting(), []);
  one.run();
  two.run();
  for (const { clock } of [one, two]) await clock.advance(20_000);
  assert.deepEqual(waiting(), ["web-0/10.0.0.1:80", "web-1/10.0.0.1:80"]);
  for (const [i, { clock, store, watcher }] of [one, two].entries()) {
    const entry = `/services/web-${i}/10.0.0.1:80`;
    await (await watcher("one")).serve({ [entry]: await revisionOf(store, entry) });
    await clock.advance(20_000);
    assert.deepEqual(waiting(), i === 0 ? ["web-1/10.0.0.1:80"] : undefined);
  }
});
