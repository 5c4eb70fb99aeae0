import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGoDuration } from "../../../../lib/discover/docker/go-duration.ts";

const cases: readonly (readonly [text: string, converted: string])[] = [
  ["15s", "15000ms"],
  ["1m30s", "90000ms"],
  ["1.5h", "5400000ms"],
  ["100ms", "100ms"],
  ["15", "15"],
  ["soon", "soon"],
  ["1m 30s", "1m 30s"],
  ["", ""],
];

for (const [text, converted] of cases) {
  test(`${JSON.stringify(text)} is converted to ${JSON.stringify(converted)}`, () => {
    assert.equal(parseGoDuration(text), converted);
  });
}
