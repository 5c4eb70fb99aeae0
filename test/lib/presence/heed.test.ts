import assert from "node:assert/strict";
import { test } from "node:test";
import { type HeedStandings, heedReports, nextHeedMs } from "../../../lib/presence/heed.ts";

const rules = { share: 0.5, forMs: 10, retryMs: 30 };
const reported = new Map([["a", { failing: 2, of: 4 }]]);
const none = new Map();

function run() {
  let standings: HeedStandings = new Map();
  const at = (nowMs: number, reports = reported, isLast = false) => {
    standings = heedReports(standings, reports, () => isLast, rules, nowMs);
    const { downUntilMs, isKept } = standings.get("a") ?? {};
    return downUntilMs ?? (isKept ? "kept" : "up");
  };
  return { at, next: () => nextHeedMs(standings, rules), size: () => standings.size };
}

test("reports of enough watchers count from when they begin, without a gap", () => {
  const { at, next } = run();
  assert.equal(at(0), "up");
  assert.equal(next(), 10);
  assert.equal(at(5, none), "up");
  assert.equal(at(6), "up");
  assert.equal(at(15), "up");
  assert.equal(at(16), 46);
  assert.equal(next(), 46);
});

test("too few watchers change nothing", () => {
  const { at, next, size } = run();
  const few = new Map([["a", { failing: 1, of: 3 }]]);
  at(0, few);
  assert.equal(at(1000, few), "up");
  assert.deepEqual([next(), size()], [Number.POSITIVE_INFINITY, 0]);
  at(0, new Map([["a", { failing: 0, of: 0 }]]));
  assert.equal(size(), 0);
});

test("each time in a row takes twice as long, five minutes at most, until it is forgotten", () => {
  const { at, size } = run();
  let nowMs = 0;
  const round = () => {
    at(nowMs);
    const untilMs = at(nowMs + 10) as number;
    const tookMs = untilMs - nowMs - 10;
    assert.equal(at(untilMs, none), "up");
    nowMs = untilMs + 1;
    return tookMs;
  };
  const times = Array.from({ length: 16 }, round);
  assert.deepEqual(times.slice(0, 4), [30, 60, 120, 240]);
  assert.equal(times.at(-1), 300_000);
  at(nowMs + 300_000, none);
  assert.equal(size(), 0);
  nowMs += 300_001;
  assert.equal(round(), 30);
});

test("the last one is kept for as long as it is the last one", () => {
  const { at, next } = run();
  at(0, reported, true);
  assert.equal(at(10, reported, true), "kept");
  assert.equal(next(), Number.POSITIVE_INFINITY);
  assert.equal(at(20, reported, false), 50);
});
