import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { Liveness } from "../../../lib/status/liveness.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const down = new Fault("X_DOWN", true, "no store answered");

function scene() {
  const clock = new ManualClock();
  return { clock, loop: new Liveness("following", clock) };
}

test("a loop that was not asked for anything is never late", async () => {
  const { clock, loop } = scene();
  await clock.advance(3_600_000);
  const { state, dueMs, lastMs } = loop.facts();
  assert.deepEqual([state, dueMs, lastMs], ["unknown", undefined, 0]);
});

test("what is expected is due until it is done, and then there is nothing to do but to wait", async () => {
  const { clock, loop } = scene();
  await clock.advance(1000);
  loop.deadline(5000);
  assert.equal(loop.facts().dueMs, 6000);
  await clock.advance(1000);
  loop.succeed();
  const { state, dueMs, lastMs, sinceMs } = loop.facts();
  assert.deepEqual([state, dueMs, lastMs, sinceMs], ["works", undefined, 2000, 2000]);
});

test("a loop that fails has to try again, and says since when and why", async () => {
  const { clock, loop } = scene();
  loop.succeed();
  await clock.advance(1000);
  loop.fail(down, 500);
  await clock.advance(500);
  loop.fail(down, 1000);
  assert.deepEqual(loop.facts(), {
    name: "following",
    state: "fails",
    sinceMs: 1000,
    lastMs: 1500,
    dueMs: 1500 + 1000 + 60_000,
    fault: { code: "X_DOWN", message: "no store answered" },
  });
  await clock.advance(1000);
  loop.succeed();
  const { state, sinceMs, fault } = loop.facts();
  assert.deepEqual([state, sinceMs, fault], ["works", 2500, undefined]);
});

test("of work that goes on side by side, the piece that has to be done first is what is due", async () => {
  const { clock, loop } = scene();
  const [slow, quick] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const all = [loop.track(9000, slow.promise), loop.track(2000, quick.promise)];
  assert.equal(loop.facts().dueMs, 2000);
  await clock.advance(1000);
  quick.resolve("quick");
  assert.equal(await all[1], "quick");
  const { state, lastMs, dueMs } = loop.facts();
  assert.deepEqual([state, lastMs, dueMs], ["works", 1000, 9000]);
  slow.reject(new Error("stopped"));
  await assert.rejects(all[0] ?? Promise.resolve(), new Error("stopped"));
  assert.equal(loop.facts().dueMs, undefined);
});
