import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { FaultReports } from "../../../lib/base/fault-reporter.ts";
import { createLog } from "../../../lib/base/log.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function said() {
  const lines: string[] = [];
  const clock = new ManualClock();
  const log = createLog(
    { terminal: false, write: (line) => lines.push(JSON.parse(line).message) },
    "info",
  );
  return { lines, clock, log: new FaultReports("etcd", log, clock) };
}

const down = new Fault("X", true, "no store answered");

test("a fault that lasts is said once, and again after a minute", async () => {
  const { lines, clock, log } = said();
  const faults = log.reporter();
  for (let i = 0; i < 61; i += 1) {
    faults.report(down, 1000, "what was known last stays in force");
    await clock.advance(1000);
  }
  const sentence = "no store answered; what was known last stays in force; trying again in 1s";
  assert.deepEqual(lines, [sentence, sentence]);
});

test("another sentence is news, and so is the end", async () => {
  const { lines, clock, log } = said();
  const faults = log.reporter();
  faults.resolved();
  faults.report(down, 500);
  faults.report(new Fault("X", true, "the store is confused"), 500);
  await clock.advance(2500);
  faults.resolved();
  faults.resolved();
  assert.deepEqual(lines, [
    "no store answered; trying again in 500ms",
    "the store is confused; trying again in 500ms",
    "etcd: recovered after 2.5s",
  ]);
});

test("what several loops find wrong is said once, and over when it is for all of them", async () => {
  const { lines, clock, log } = said();
  const [one, other] = [log.reporter(), log.reporter()];
  one.report(down, 500);
  await clock.advance(1000);
  other.report(down, 500);
  one.resolved();
  one.report(down, 500);
  await clock.advance(1000);
  one.resolved();
  other.resolved();
  assert.deepEqual(lines, ["no store answered; trying again in 500ms", "etcd: recovered after 2s"]);
});
