import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultLog } from "../../agents/fault-log.ts";
import { Fault } from "../../lib/base/fault.ts";
import { createLog } from "../../lib/base/log.ts";
import { ManualClock } from "../manual-clock.ts";

function said() {
  const lines: string[] = [];
  const clock = new ManualClock();
  const log = createLog(
    { terminal: false, write: (line) => lines.push(JSON.parse(line).message) },
    "info",
  );
  return { lines, clock, log: new FaultLog("etcd", log, clock) };
}

const down = new Fault("X", true, "no store answered");

test("a fault that lasts is said once, and again after a minute", async () => {
  const { lines, clock, log } = said();
  const faults = log.voice();
  for (let i = 0; i < 61; i += 1) {
    faults.fault(down, 1000, "what was known last stays in force");
    await clock.advance(1000);
  }
  const sentence = "no store answered; what was known last stays in force; trying again in 1s";
  assert.deepEqual(lines, [sentence, sentence]);
});

test("another sentence is news, and so is the end", async () => {
  const { lines, clock, log } = said();
  const faults = log.voice();
  faults.over();
  faults.fault(down, 500);
  faults.fault(new Fault("X", true, "the store is confused"), 500);
  await clock.advance(2500);
  faults.over();
  faults.over();
  assert.deepEqual(lines, [
    "no store answered; trying again in 500ms",
    "the store is confused; trying again in 500ms",
    "etcd: recovered after 2.5s",
  ]);
});

test("what several loops find wrong is said once, and over when it is for all of them", async () => {
  const { lines, clock, log } = said();
  const [one, other] = [log.voice(), log.voice()];
  one.fault(down, 500);
  await clock.advance(1000);
  other.fault(down, 500);
  one.over();
  one.fault(down, 500);
  await clock.advance(1000);
  one.over();
  other.over();
  assert.deepEqual(lines, ["no store answered; trying again in 500ms", "etcd: recovered after 2s"]);
});
