import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import { eventually } from "../../support/process.ts";
import { watchScene } from "./scene.ts";

test("a retry is answered with the result of the attempt that it causes", async (t) => {
  const { agent, path, run, clock, register, logged, proxy } = await watchScene(t);
  await register("web", "10.0.0.1:80");
  proxy.rejects = () => new Fault("PROXY_REJECTED", true, "not now");
  run();
  await clock.advance(0);
  await logged("fault");
  const failing = agent.retry(60_000, never);
  await clock.advance(0);
  assert.deepEqual(await failing, { files: [{ target: path, state: "failing", why: "not now" }] });

  proxy.rejects = () => undefined;
  const mended = agent.retry(60_000, never);
  await clock.advance(0);
  assert.deepEqual(await mended, { files: [{ target: path, state: "in sync", why: "" }] });
  const attempts = proxy.attempts.length;
  const again = agent.retry(60_000, never);
  await clock.advance(0);
  assert.equal((await again).files[0]?.state, "in sync");
  assert.equal(proxy.attempts.length, attempts + 1, "whatever was verified");
});

test("a retry waits for a reload that is too soon, and ends at its limit", async (t) => {
  const scene = await watchScene(t, { minIntervalMs: 10_000 });
  const { agent, run, clock, register, logged, proxy } = scene;
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(0);
  await logged("applied");
  const [short, long] = [agent.retry(5000, never), agent.retry(60_000, never)];
  await clock.advance(5000);
  assert.equal((await short).files[0]?.state, "unknown");
  assert.equal(proxy.attempts.length, 1);
  await eventually("it was applied again", async () => {
    await clock.advance(500);
    return proxy.attempts.length === 2;
  });
  assert.equal((await long).files[0]?.state, "in sync");
});

test("without a keyspace there is no result", async (t) => {
  const scene = await watchScene(t, { before: (keyspace) => keyspace.disconnect() });
  scene.run();
  await scene.clock.advance(0);
  const retried = scene.agent.retry(5000, never);
  await scene.clock.advance(5000);
  const [file] = (await retried).files;
  assert.equal(file?.state, "unknown");
  assert.match(file?.why ?? "", /the keyspace has not been read/);
});
