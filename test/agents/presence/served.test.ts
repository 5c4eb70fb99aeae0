import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { Served } from "../../../lib/control/contract.ts";
import { instanceRoutes } from "../../../lib/control/instance-routes.ts";
import { presenceScene } from "./scene.ts";

const name = "web/10.0.0.1:80";

test("while the keyspace cannot be asked, it is not known whether an instance is served", async (t) => {
  const { agent, clock, keyspace, run } = presenceScene(t);
  keyspace.disconnect();
  run();
  await clock.advance(1000);
  const wait = async () => {
    const asked = agent.operations.untilServed(
      { names: [name], minShare: 1, limitMs: 1000 },
      never,
    );
    await clock.advance(2000);
    const [answer] = (await asked).instances;
    return [answer?.isServed, answer?.isKnown, answer?.why];
  };
  assert.deepEqual(await wait(), [false, false, "the keyspace is unreachable"]);
  keyspace.reconnect();
  await clock.advance(10_000);
  assert.deepEqual(await wait(), [false, true, "no watcher reads its service"]);
  keyspace.disconnect();
  const [isServed, isKnown, why] = await wait();
  assert.deepEqual([isServed, isKnown], [false, false]);
  assert.match(String(why), /^watchers cannot be asked: /);
});

test("a wait at the start of an agent awaits discovery: it neither finds no instance nor an unknown one", async (t) => {
  const { agent, clock, report, run, watcher } = presenceScene(t);
  const instances = () => report().presence?.instances ?? [];
  const { "/served": route } = instanceRoutes({ operations: agent.operations, instances, pid: 1 });
  const ask = async (body: object) => {
    const { status, body: text } = await route.answer(JSON.stringify(body), never, {
      query: new URLSearchParams(),
      headers: {},
    });
    return {
      status,
      ...(JSON.parse(String(text)) as Partial<Served> & { readonly code?: string }),
    };
  };
  const early = ask({ all: true, limitMs: 500 });
  await clock.advance(500);
  assert.deepEqual(await early.then(({ status, code }) => [status, code]), [
    400,
    "CONTROL_NOT_DISCOVERED",
  ]);
  await watcher("a.1.x");
  const asked = [ask({ all: true, limitMs: 2000 }), ask({ names: [name], limitMs: 2000 })];
  await clock.advance(500);
  run();
  await clock.advance(2000);
  for (const answer of await Promise.all(asked)) {
    assert.deepEqual(
      answer.instances?.map((one) => [one.name, one.isServed, one.missing]),
      [[name, false, ["a.1.x"]]],
    );
  }
  const unknown = await ask({ names: ["web/other"], limitMs: 0 });
  assert.deepEqual([unknown.status, unknown.code], [400, "CONTROL_UNKNOWN_INSTANCE"]);
});
