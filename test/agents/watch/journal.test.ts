import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { Fact, Generation } from "../../../lib/journal/contract.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { rejecting, watchScene } from "./scene.ts";

type Scene = Awaited<ReturnType<typeof watchScene>>;

/** The latest generation, once there are so many facts. */
async function fact({ agent }: Scene, seq: number): Promise<Fact> {
  return await eventually(`fact ${seq}`, () =>
    agent.journal.facts.since(0).facts.find((one) => one.seq === seq),
  );
}

/** A scene with the fact of its start; `/app` is read by `getv`, `services` by a list. */
async function started(...[t, options = {}]: Parameters<typeof watchScene>) {
  const scene = await watchScene(t, { prefixes: ["/services", "/app"], ...options });
  const session = await scene.store.open().open(3_600_000, never);
  await session.put("/app/name", "one", never);
  await scene.register("web", "10.0.0.1:80", "10.0.0.2:80");
  scene.run();
  await scene.clock.advance(0);
  const first = await fact(scene, 1);
  const put = (key: string, value: string) => session.put(key, value, never);
  /** Lets what was put take effect. */
  const settle = async (seq: number) => {
    await scene.clock.advance(1000);
    return (await fact(scene, seq)).generation;
  };
  return { ...scene, scene, first: first.generation, put, settle, session };
}

const causesIn = ({ log }: Scene, event: string) =>
  log.lines.filter((line) => line.event === event).map(({ details }) => details.cause);

const keysOf = ({ cause }: Generation) => cause.keys.map(({ op, key }) => `${op} ${key}`);
const text =
  '{{getv "/app/name"}} {{#each services}}{{#each instances}}{{address}} {{/each}}{{/each}}';

test("the first generation of a process has no keys, and the reason start", async (t) => {
  const { first, path } = await started(t, { text });
  assert.equal(first.n, 1);
  assert.equal(first.how, "reloaded");
  assert.deepEqual(first.cause, { keys: [], more: 0, reasons: ["start"] });
  assert.deepEqual(
    first.files.map(({ target }) => target),
    [path],
  );
});

test("a change names its key, with revision, session, and the value before and after", async (t) => {
  const { settle, put, session, store, scene } = await started(t, { text });
  await settle(1);
  await put("/app/name", "two");
  const { n, cause, revision, stages } = await settle(2);
  const { revision: at } = (await store.open().watch([""], never)[Symbol.asyncIterator]().next())
    .value;
  assert.equal(revision, at);
  assert.deepEqual(cause, {
    keys: [
      { key: "/app/name", op: "put", revision, owner: session.id, before: "one", after: "two" },
    ],
    ...{ more: 0, reasons: [] },
  });
  assert.equal(n, 2);
  assert.ok(stages.began >= 0 && (stages.verified ?? -1) >= (stages.rendered ?? 0));
  const causes = await eventually("both are logged", () => {
    const all = causesIn(scene, "applied");
    return all.length === 2 ? all : undefined;
  });
  assert.deepEqual(causes, ["start", `/app/name@${revision}`]);
});

test("files count as in sync before the cause of their change is found", async (t) => {
  const { settle, put, agent, report } = await started(t, { text });
  await settle(1);
  const revision = () => report().watch?.templates[0]?.revision;
  const seen: (string | undefined)[] = [];
  const append = agent.journal.append.bind(agent.journal);
  agent.journal.append = (draft) => {
    seen.push(revision());
    return append(draft);
  };
  await put("/app/name", "two");
  const generation = await settle(2);
  assert.deepEqual(seen, [generation.revision]);
});

test("an instance that is gone is named with the value that it had", async (t) => {
  const { settle, deregister } = await started(t, { text });
  await settle(1);
  await deregister("web", "10.0.0.2:80");
  const { cause } = await settle(2);
  assert.equal(cause.keys.length, 1);
  const [{ key, op, before, after } = { key: "" }] = cause.keys;
  assert.deepEqual(
    [key, op, before, after],
    ["/services/web/10.0.0.2:80", "gone", "10.0.0.2:80", undefined],
  );
});

test("a key without which the text would be the same is no cause, alone or beside another one", async (t) => {
  const { settle, put, agent, clock } = await started(t, { text });
  await put("/services/web/10.0.0.4:80", "10.0.0.4:80");
  await settle(2);
  // Nothing that the template reads has changed: there is no reconciliation.
  await put("/app/other", "x");
  await clock.advance(1000);
  // The text has no weights.
  await put("/services/web/10.0.0.4:80", '{"host":"10.0.0.4","port":80,"weight":7}');
  const unused = await settle(3);
  assert.deepEqual([unused.how, unused.cause.keys], ["same", []]);
  await put("/services/web/10.0.0.5:80", "10.0.0.5:80");
  await put("/services/web/10.0.0.4:80", '{"host":"10.0.0.4","port":80,"weight":8}');
  await put("/app/name", "two");
  const named = await eventually("both changes are named", async () => {
    await clock.advance(1000);
    const { facts } = agent.journal.facts.since(3);
    const all = facts.flatMap(({ generation }) => keysOf(generation)).sort();
    return all.includes("put /app/name") && all.length >= 2 ? all : undefined;
  });
  assert.deepEqual(named, ["put /app/name", "put /services/web/10.0.0.5:80"]);
});

test("changes of what a template does not read are no generations, and no causes of the next one", async (t) => {
  const web = '{{getv "/app/name"}} {{#each (instances "web")}}{{address}} {{/each}}';
  const { settle, put, register, agent, clock } = await started(t, { text: web });
  const changeOthers = async (net: number) => {
    for (let i = 1; i <= 100; i += 1) await register("db", `10.0.${net}.${i}:80`);
    await put("/app/other", String(net));
  };
  await changeOthers(1);
  await clock.advance(1000);
  // More than are tried out, together with the one that matters.
  await changeOthers(2);
  await put("/app/name", "two");
  const generation = await settle(2);
  assert.deepEqual(keysOf(generation), ["put /app/name"]);
  assert.equal(agent.journal.facts.latest.value, 2);
});

test("an edited template, and a retry, are reasons", async (t) => {
  const { settle, agent, source, clock } = await started(t, { text });
  await settle(1);
  void agent.retry(1000, never);
  const retried = await settle(2);
  assert.deepEqual(retried.cause, { keys: [], more: 0, reasons: ["retry"] });
  await writeFile(source, "edited");
  const edited = await eventually("the edit", async () => {
    await clock.advance(1000);
    return agent.journal.facts.since(2).facts[0]?.generation;
  });
  assert.deepEqual(edited.cause, { keys: [], more: 0, reasons: ["template"] });
});

test("instances whose retention has expired are named with that reason", async (t) => {
  const { settle, deregister, clock, scene } = await started(t, { text });
  await settle(1);
  await deregister("web", "10.0.0.1:80", "10.0.0.2:80");
  assert.equal((await settle(2)).how, "same");
  await clock.advance(11_000);
  const { generation } = await fact(scene, 3);
  assert.deepEqual(keysOf(generation), [
    "gone /services/web/10.0.0.1:80",
    "gone /services/web/10.0.0.2:80",
  ]);
  assert.deepEqual(generation.cause.reasons, ["expired"]);
});

test("a refusal has the words of the proxy and the key, and the same refusal is one generation", async (t) => {
  const { settle, put, proxy, clock, scene } = await started(t, { text });
  await settle(1);
  proxy.rejects = rejecting("two");
  await put("/app/name", "two");
  const refused = await settle(2);
  assert.equal(refused.how, "refused");
  assert.equal(refused.refused?.code, "PROXY_REJECTED");
  assert.match(refused.refused?.message ?? "", /cannot resolve two/);
  assert.deepEqual(keysOf(refused), ["put /app/name"]);
  const [logged] = await eventually("the fault is logged", () => {
    const causes = causesIn(scene, "fault");
    return causes.length > 0 ? causes : undefined;
  });
  assert.equal(logged, `/app/name@${refused.revision}`);
  const again = await eventually("it is tried again", async () => {
    await clock.advance(3000);
    return scene.agent.journal.facts.since(2).facts[0];
  });
  assert.deepEqual([again.isRepeated, again.generation.n], [true, refused.n]);
});

test("an entry that is quarantined is named with the words of the proxy, and is no cause", async (t) => {
  const { settle, register, proxy, scene, clock } = await started(t, { text });
  await settle(1);
  proxy.rejects = rejecting("10.0.0.9:80");
  await register("web", "10.0.0.3:80", "10.0.0.9:80");
  let { generation } = { generation: await settle(2) };
  for (let seq = 3; !generation.files.length || generation.how === "refused"; seq += 1) {
    await clock.advance(3000);
    ({ generation } = await fact(scene, seq));
  }
  const { facts } = scene.agent.journal.facts.since(1);
  const named = facts.flatMap((one) => one.generation.quarantined ?? []);
  assert.deepEqual(
    named.map(({ key }) => key),
    ["/services/web/10.0.0.9:80"],
  );
  assert.match(named[0]?.why ?? "", /cannot resolve 10\.0\.0\.9:80/);
  assert.deepEqual(keysOf(generation), ["put /services/web/10.0.0.3:80"]);
});

test("a deferred change names its cause, and so does the reload after it", async (t) => {
  const { settle, put, clock, scene } = await started(t, { text, minIntervalMs: 10_000 });
  await put("/app/name", "two");
  const deferred = await settle(2);
  assert.equal(deferred.how, "deferred");
  assert.deepEqual(keysOf(deferred), ["put /app/name"]);
  const generation = await eventually("it is reloaded", async () => {
    await clock.advance(10_000);
    return scene.agent.journal.facts.since(2).facts[0]?.generation;
  });
  assert.equal(generation.how, "reloaded");
  assert.deepEqual(keysOf(generation), ["put /app/name"]);
});

test("values with the name of a secret are masked", async (t) => {
  const secret = '{{getv "/app/password" "none"}} {{getv "/app/json" "none"}}';
  const { settle, put, agent, clock } = await started(t, { text: secret });
  await settle(1);
  await put("/app/password", "hunter22");
  await put("/app/json", '{"user":"u","token":"hunter33"}');
  const changes = await eventually("both keys are named", async () => {
    await clock.advance(1000);
    const { facts } = agent.journal.facts.since(1);
    const named = facts.flatMap(({ generation }) => generation.cause.keys);
    return named.length === 2 ? JSON.stringify(named) : undefined;
  });
  assert.doesNotMatch(changes, /hunter/);
  assert.match(changes, /\(hidden\)/);
});

test("after a restart, the keys that have changed meanwhile are named, and numbers go on", async (t) => {
  const cachePath = join(await throwAwayFolder(t), "cache");
  const one = await started(t, { text, cachePath });
  await one.settle(1);
  await one.put("/app/name", "two");
  await one.settle(2);
  await eventually("it is written", async () => {
    const { generations } = await one.agent.journal.history({ limit: 9 });
    return generations.length === 2 || undefined;
  });
  const two = await started(t, {
    ...{ text, cachePath },
    before: () => {},
  });
  assert.equal(two.first.n, 3);
  assert.deepEqual(two.first.cause.reasons, ["start"]);
});
