import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { poll } from "../../../lib/proxy/poll.ts";
import { ManualClock } from "../../support/manual-clock.ts";

test("observes every 10 ms until there is a value", async () => {
  const clock = new ManualClock();
  let calls = 0;
  const found = poll(async () => (++calls === 3 ? "found" : undefined), 1000, clock, never);
  await clock.advance(19);
  assert.equal(calls, 2);
  await clock.advance(1);
  assert.equal(await found, "found");
});

test("gives up at the limit, after one more observation", async () => {
  const clock = new ManualClock();
  let calls = 0;
  const found = poll(
    async () => {
      calls += 1;
      return undefined;
    },
    25,
    clock,
    never,
  );
  await clock.advance(30);
  assert.equal(await found, undefined);
  assert.equal(calls, 4);
});

test("an abort ends the polling", async () => {
  const stop = new AbortController();
  const found = poll(async () => undefined, 1000, new ManualClock(), stop.signal);
  stop.abort(new Error("stopping"));
  await assert.rejects(found, /stopping/);
});
