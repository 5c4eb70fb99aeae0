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

test("a lasting fault is logged after 1, 10 and 60 minutes, and then every hour, with a count", async () => {
  const { lines, clock, reports } = recording();
  const faults = reports.reporter();
  const times: number[] = [];
  for (let second = 0; second <= 3 * 3600 + 1; second += 1) {
    const before = lines.length;
    faults.report(down, 1000, "the last known state is kept");
    if (lines.length > before) times.push(second / 60);
    await clock.advance(1000);
  }
  assert.deepEqual(times, [0, 1, 10, 60, 120, 180]);
  const of = (times: string) =>
    `no store answered; the last known state is kept; ${times}retrying in 1s`;
  assert.deepEqual(lines.slice(0, 3), [of(""), of("61 times in 1m; "), of("601 times in 10m; ")]);
});

test("messages that alternate are logged like one that lasts, and anew after a recovery", async () => {
  const { lines, clock, reports } = recording();
  const faults = reports.reporter();
  const other = new Fault("Y", true, "no store listens");
  for (let i = 0; i < 60; i += 1) {
    faults.report(i % 2 === 0 ? down : other, 500);
    await clock.advance(500);
  }
  assert.equal(lines.length, 2);
  faults.resolved();
  faults.report(down, 500);
  assert.equal(lines.length, 4);
});

test("a message that is never the same takes no memory", () => {
  const { lines, reports } = recording();
  const faults = reports.reporter();
  for (let i = 0; i < 40; i += 1) faults.report(new Fault("X", true, `port ${i}`), 500);
  assert.equal(lines.length, 40);
  faults.report(new Fault("X", true, "port 0"), 500);
  assert.equal(lines.length, 41, "it was forgotten");
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
