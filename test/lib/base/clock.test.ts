import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";

test("a sleep lasts as long as requested and rejects with the signal's reason", async () => {
  const startedMs = systemClock.now();
  await systemClock.sleep(20, never);
  assert.ok(systemClock.now() - startedMs >= 19);
  const ending = new AbortController();
  const rejected = assert.rejects(systemClock.sleep(60_000, ending.signal), new Error("stop"));
  ending.abort(new Error("stop"));
  await rejected;
  await assert.rejects(systemClock.sleep(0, ending.signal), new Error("stop"));
});

test("a sleep longer than a timer supports does not end at once", async () => {
  const ending = new AbortController();
  let woken = false;
  const sleeping = systemClock.sleep(2 ** 32, ending.signal).then(() => {
    woken = true;
  });
  const rejected = assert.rejects(sleeping, new Error("stop"));
  await systemClock.sleep(20, never);
  assert.equal(woken, false);
  ending.abort(new Error("stop"));
  await rejected;
});
