import assert from "node:assert/strict";
import { test } from "node:test";
import { type StatusPattern, wrongBody, wrongStatus } from "../../../lib/health/response.ts";

const statuses: readonly [expect: readonly StatusPattern[], status: number, ok: boolean][] = [
  [["2xx", "3xx"], 200, true],
  [["2xx", "3xx"], 399, true],
  [["2xx", "3xx"], 404, false],
  [["2xx", "3xx"], 199, false],
  [[200], 201, false],
  [[404], 404, true],
  [[200, "5xx"], 503, true],
];

for (const [expect, status, ok] of statuses) {
  test(`status ${status} where ${expect.join(", ")} is expected is ${ok ? "healthy" : "unhealthy"}`, () => {
    assert.equal(wrongStatus({ expect }, status) === undefined, ok);
  });
}

test("a problem is described with the expected value", () => {
  assert.equal(wrongStatus({ expect: [200, "3xx"] }, 404), "status 404, expected 200, 3xx");
  assert.equal(wrongBody({ expect: [], contains: "ok" }, "no"), 'the body does not contain "ok"');
  assert.equal(
    wrongBody({ expect: [], matches: "^ok$" }, "okay"),
    "the body does not match /^ok$/",
  );
});

test("a body has to satisfy both contains and matches", () => {
  const expected = { expect: [], contains: "up", matches: "since \\d+" };
  assert.equal(wrongBody(expected, "up since 12"), undefined);
  assert.match(wrongBody(expected, "since 12") ?? "", /contain/);
  assert.match(wrongBody(expected, "up since yesterday") ?? "", /match/);
});
