import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "../../../lib/base/duration.ts";
import { duration } from "../../../lib/base/schema.ts";

const parsed: readonly [text: string, ms: number | undefined][] = [
  ["0ms", 0],
  ["250ms", 250],
  ["1.5s", 1500],
  ["2m", 120_000],
  ["1h", 3_600_000],
  [" 10s ", 10_000],
  ["10", undefined],
  ["s", undefined],
  ["-1s", undefined],
  ["1e3s", undefined],
  ["1 s", undefined],
  ["1d", undefined],
  ["1s2ms", undefined],
  ["", undefined],
];

for (const [text, ms] of parsed) {
  test(`"${text}" is ${ms} ms`, () => assert.equal(parseDuration(text), ms));
}

const formatted: readonly [ms: number, text: string][] = [
  [0, "0ms"],
  [250, "250ms"],
  [12.4, "12ms"],
  [1000, "1s"],
  [1500, "1.5s"],
  [1540, "1.5s"],
  [60_000, "1m"],
  [90_000, "1.5m"],
  [999.4, "999ms"],
  [999.6, "1s"],
  [59_940, "59.9s"],
  [59_960, "1m"],
  [3_594_000, "59.9m"],
  [3_598_000, "1h"],
  [7_200_000, "2h"],
  [86_000_000, "23.9h"],
  [86_399_000, "1d"],
  [129_600_000, "1.5d"],
  [8_640_000_000, "100d"],
];

for (const [ms, text] of formatted) {
  test(`${ms} ms is formatted as ${text}`, () => assert.equal(formatDuration(ms), text));
}

test("a duration in a configuration is parsed to milliseconds and has a default", () => {
  const schema = duration("1s");
  assert.equal(schema.parse(undefined), 1000);
  assert.equal(schema.parse("250ms"), 250);
  for (const wrong of ["soon", "10", 10, null]) {
    assert.equal(schema.safeParse(wrong).success, false, String(wrong));
  }
});
