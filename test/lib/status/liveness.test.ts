import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { Liveness, withLiveness } from "../../../lib/status/liveness.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const down = new Fault("X_DOWN", true, "no store answered");

function scene() {
  const clock = new ManualClock();
  return { clock, loop: new Liveness("following", clock) };
}

test("a loop without work has no deadline", async () => {
  const { clock, loop } = scene();
  await clock.advance(3_600_000);
  const { state, dueMs, lastMs } = loop.facts();
  assert.deepEqual([state, dueMs, lastMs], ["unknown", undefined, 0]);
});

test("work has a deadline until it is done", async () => {
  const { clock, loop } = scene();
  await clock.advance(1000);
  loop.deadline(5000);
  assert.equal(loop.facts().dueMs, 6000);
  await clock.advance(1000);
  loop.succeed();
  const { state, dueMs, lastMs, sinceMs } = loop.facts();
  assert.deepEqual([state, dueMs, lastMs, sinceMs], ["ok", undefined, 2000, 2000]);
});

test("a loop that fails has to try again, and reports since when and why", async () => {
  const { clock, loop } = scene();
  loop.succeed();
  await clock.advance(1000);
  loop.fail(down, 500);
  await clock.advance(500);
  loop.fail(down, 1000);
  assert.deepEqual(loop.facts(), {
    name: "following",
    state: "failing",
    sinceMs: 1000,
    lastMs: 1500,
    dueMs: 1500 + 1000 + 60_000,
    fault: { code: "X_DOWN", message: "no store answered" },
  });
  await clock.advance(1000);
  loop.succeed();
  const { state, sinceMs, fault } = loop.facts();
  assert.deepEqual([state, sinceMs, fault], ["ok", 2500, undefined]);
});

test("of work that runs side by side the earliest deadline counts", async () => {
  const { clock, loop } = scene();
  const [slow, quick] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const all = [loop.track(9000, slow.promise), loop.track(2000, quick.promise)];
  assert.equal(loop.facts().dueMs, 2000);
  await clock.advance(1000);
  quick.resolve("quick");
  assert.equal(await all[1], "quick");
  const { state, lastMs, dueMs } = loop.facts();
  assert.deepEqual([state, lastMs, dueMs], ["ok", 1000, 9000]);
  slow.reject(new Error("stopped"));
  await assert.rejects(all[0] ?? Promise.resolve(), new Error("stopped"));
  assert.equal(loop.facts().dueMs, undefined);
});

test("a reporter with liveness records what it reports", async () => {
  const clock = new ManualClock();
  const loop = new Liveness("following", clock);
  const calls: string[] = [];
  const reporter = withLiveness(
    {
      report: ({ code }, retryInMs, consequence) => {
        calls.push(`${code} ${retryInMs} ${consequence}`);
      },
      resolved: () => {
        calls.push("resolved");
      },
    },
    loop,
  );
  const fault = new Fault("X_DOWN", true, "the store does not answer");
  for (let i = 0; i < 5; i += 1) {
    reporter.report(fault, 1000, "the last state is kept");
    await clock.advance(50_000);
  }
  assert.equal(loop.facts().state, "failing");
  assert.ok(
    (loop.facts().dueMs ?? 0) > clock.now(),
    "a loop that fails again and again is not stalled",
  );
  await clock.advance(11_001);
  assert.ok((loop.facts().dueMs ?? 0) < clock.now());
  reporter.resolved();
  assert.equal(loop.facts().state, "ok");
  assert.deepEqual(calls.slice(4), ["X_DOWN 1000 the last state is kept", "resolved"]);
});
