import assert from "node:assert/strict";
import { test } from "node:test";
import { combine, explain } from "../../../lib/health/combine.ts";
import type { CheckHealth } from "../../../lib/health/contract.ts";
import type { Verdict } from "../../../lib/model/verdict.ts";

const table: readonly [verdicts: readonly Verdict[], combined: Verdict][] = [
  [[], "up"],
  [["up"], "up"],
  [["up", "up"], "up"],
  [["up", "unknown"], "unknown"],
  [["unknown", "unknown"], "unknown"],
  [["up", "down"], "down"],
  [["unknown", "down"], "down"],
];

for (const [verdicts, combined] of table) {
  test(`${verdicts.join(" + ") || "no check"} is ${combined}`, () => {
    assert.equal(combine(verdicts), combined);
  });
}

test("an explanation names the failing checks, and no others", () => {
  const check = (title: string, verdict: Verdict, why?: string): CheckHealth => {
    return { title, verdict, against: 0, why, sinceMs: 0 };
  };
  const checks = [
    check("tcp a:1", "down", "connect ECONNREFUSED a:1"),
    check("http GET http://a:1/", "up", "status 500, expected 2xx"),
    check("exec ok", "down", "exit code 2: no"),
  ];
  assert.equal(
    explain({ verdict: "down", checks }),
    "tcp a:1: connect ECONNREFUSED a:1; exec ok: exit code 2: no",
  );
  assert.equal(explain({ verdict: "up", checks: [] }), "");
});
