import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { FaultReports } from "../../../lib/base/fault-reporter.ts";
import { createLog } from "../../../lib/base/log.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function recording() {
  const lines: string[] = [];
  const clock = new ManualClock();
  const log = createLog(
    { terminal: false, write: (line) => lines.push(JSON.parse(line).message) },
    "info",
  );
  return { lines, clock, reports: new FaultReports("etcd", log, clock) };
}

const down = new Fault("X", true, "no store answered");

test("a lasting fault is logged once, and again after a minute", async () => {
  const { lines, clock, reports } = recording();
  const faults = reports.reporter();
  for (let i = 0; i < 61; i += 1) {
    faults.report(down, 1000, "the last known state is kept");
    await clock.advance(1000);
  }
  const sentence = "no store answered; the last known state is kept; retrying in 1s";
  assert.deepEqual(lines, [sentence, sentence]);
});

test("a changed message and the recovery are logged", async () => {
  const { lines, clock, reports } = recording();
  const faults = reports.reporter();
  faults.resolved();
  faults.report(down, 500);
  faults.report(new Fault("X", true, "the store is read-only"), 500);
  await clock.advance(2500);
  faults.resolved();
  faults.resolved();
  assert.deepEqual(lines, [
    "no store answered; retrying in 500ms",
    "the store is read-only; retrying in 500ms",
    "etcd: recovered after 2.5s",
  ]);
});

test("a fault of several loops is logged once, and its recovery once it is resolved for all", async () => {
  const { lines, clock, reports } = recording();
  const [one, other] = [reports.reporter(), reports.reporter()];
  one.report(down, 500);
  await clock.advance(1000);
  other.report(down, 500);
  one.resolved();
  one.report(down, 500);
  await clock.advance(1000);
  one.resolved();
  other.resolved();
  assert.deepEqual(lines, ["no store answered; retrying in 500ms", "etcd: recovered after 2s"]);
});
