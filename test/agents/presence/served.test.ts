import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
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
