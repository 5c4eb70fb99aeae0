import assert from "node:assert/strict";
import { test } from "node:test";
import { abortable, never } from "../../../lib/base/signal.ts";
import { attempt } from "../../../lib/health/attempt.ts";
import { ManualClock } from "../../support/manual-clock.ts";

test("an attempt without a problem is a good reading", async () => {
  const clock = new ManualClock();
  const reading = attempt((s) => clock.sleep(20, s).then(() => undefined), 500, clock, never);
  await clock.advance(20);
  assert.deepEqual(await reading, { ok: true, tookMs: 20 });
});

test("a problem is a bad reading, and so is an error with a code", async () => {
  const clock = new ManualClock();
  assert.deepEqual(await attempt(async () => "status 500", 500, clock, never), {
    ok: false,
    tookMs: 0,
    why: "status 500",
  });
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const failing = attempt(() => Promise.reject(refused), 500, clock, never);
  assert.deepEqual(await failing, { ok: false, tookMs: 0, why: "connect ECONNREFUSED" });
});

test("a probe that takes longer than the time limit is a bad reading, and is waited for", async () => {
  const clock = new ManualClock();
  let ended = false;
  const slow = async (s: AbortSignal) => {
    try {
      await clock.sleep(10_000, s);
    } finally {
      ended = true;
    }
    return undefined;
  };
  let settled = false;
  const reading = attempt(slow, 500, clock, never).finally(() => {
    settled = true;
  });
  await clock.advance(499);
  assert.equal(settled, false);
  await clock.advance(1);
  assert.deepEqual(await reading, { ok: false, tookMs: 500, why: "timed out after 500ms" });
  assert.equal(ended, true);
});

test("a bug is thrown and is not a reading", async () => {
  const buggy = () => Promise.reject(new TypeError("undefined is not a function"));
  await assert.rejects(attempt(buggy, 500, new ManualClock(), never), TypeError);
});

test("an abort is not a reading", async () => {
  const clock = new ManualClock();
  const ending = new AbortController();
  const reading = attempt((s) => clock.sleep(100, s).then(() => "x"), 500, clock, ending.signal);
  const reason = new Error("stop");
  ending.abort(reason);
  await assert.rejects(reading, reason);
});

test("the reading is unknown if this process lacks a resource, or stands still past the limit", async () => {
  const lacking = async () => Promise.reject(Object.assign(new Error("x"), { code: "EMFILE" }));
  const reading = await attempt(lacking, 100, new ManualClock(), never);
  assert.equal(reading.ok, undefined);
  assert.match(JSON.stringify(reading), /no file descriptors left .*EMFILE/);

  const clock = new ManualClock();
  const late = { now: () => clock.now() * 3, sleep: clock.sleep.bind(clock) };
  const still = attempt((s) => abortable(new Promise<undefined>(() => {}), s), 100, late, never);
  await clock.advance(100);
  assert.deepEqual(await still, {
    ok: undefined,
    tookMs: 300,
    why: "the agent stood still for longer than the limit of 100ms",
  });
});
