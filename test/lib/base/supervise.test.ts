import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import { type Supervision, supervise } from "../../../lib/base/supervise.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const backoff = { firstMs: 100, maxMs: 1000 };
const unreachable = new Fault("UNREACHABLE", true, "the store is unreachable");

function recording(consequence?: Supervision["consequence"]) {
  const reports: unknown[] = [];
  const reporter = {
    report: (...report: unknown[]) => reports.push(report),
    resolved: () => reports.push("resolved"),
  };
  const clock = new ManualClock();
  const supervision = { backoff, reporter, ...(consequence && { consequence }) };
  return { reports, clock, supervision, deps: { clock, random: () => 1 } };
}

test("each fault is reported with the delay that follows and its consequence", async () => {
  const { reports, clock, supervision, deps } = recording("entries remain");
  let attempts = 0;
  const work = async () => {
    attempts += 1;
    if (attempts < 3) throw unreachable;
    return "done";
  };
  const done = supervise(work, supervision, deps, never);
  await clock.advance(1000);
  assert.equal(await done, "done");
  assert.deepEqual(reports, [
    [unreachable, 100, "entries remain"],
    [unreachable, 200, "entries remain"],
  ]);
});

test("a consequence that is a function is evaluated at each fault", async () => {
  let state = "nothing rendered";
  const { reports, clock, supervision, deps } = recording(() => state);
  const work = async () => {
    if (clock.now() >= 300) return;
    throw unreachable;
  };
  const done = supervise(work, supervision, deps, never);
  await clock.advance(50);
  state = "last state kept";
  await clock.advance(1000);
  await done;
  assert.deepEqual(reports, [
    [unreachable, 100, "nothing rendered"],
    [unreachable, 200, "last state kept"],
  ]);
});

test("success resolves the fault and resets the back-off", async () => {
  const { reports, clock, supervision, deps } = recording();
  let attempts = 0;
  const work = async (succeeded: () => void) => {
    attempts += 1;
    if (attempts === 3) succeeded();
    if (attempts < 4) throw unreachable;
  };
  const done = supervise(work, supervision, deps, never);
  await clock.advance(1000);
  await done;
  assert.deepEqual(reports, [
    [unreachable, 100, undefined],
    [unreachable, 200, undefined],
    "resolved",
    [unreachable, 100, undefined],
  ]);
});

test("a fault without retry, a bug and an abort are thrown and not reported", async () => {
  const { reports, supervision, deps } = recording();
  const ending = new AbortController();
  ending.abort(new Error("stop"));
  for (const error of [new Fault("DENIED", false, "denied"), new TypeError("bug")]) {
    await assert.rejects(
      supervise(() => Promise.reject(error), supervision, deps, never),
      error,
    );
  }
  await assert.rejects(
    supervise(() => Promise.reject(unreachable), supervision, deps, ending.signal),
    new Error("stop"),
  );
  assert.deepEqual(reports, []);
});
