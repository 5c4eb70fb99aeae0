import assert from "node:assert/strict";
import { test } from "node:test";
import { poll } from "../../../lib/proxy/poll.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const never = new AbortController().signal;

test("looks every 10 ms until there is something", async () => {
  const clock = new ManualClock();
  let looks = 0;
  const found = poll(async () => (++looks === 3 ? "it" : undefined), 1000, clock, never);
  await clock.advance(19);
  assert.equal(looks, 2);
  await clock.advance(1);
  assert.equal(await found, "it");
});

test("gives up at the limit, having looked once more", async () => {
  const clock = new ManualClock();
  let looks = 0;
  const found = poll(
    async () => {
      looks += 1;
      return undefined;
    },
    25,
    clock,
    never,
  );
  await clock.advance(30);
  assert.equal(await found, undefined);
  assert.equal(looks, 4);
});

test("an abort ends it", async () => {
  const stop = new AbortController();
  const found = poll(async () => undefined, 1000, new ManualClock(), stop.signal);
  stop.abort(new Error("we leave"));
  await assert.rejects(found, /we leave/);
});
