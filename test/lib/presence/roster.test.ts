import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "../../../lib/model/verdict.ts";
import { nameOf, roster } from "../../../lib/presence/roster.ts";

const instance = (service: string, id: string) => ({ service, id, host: "10.0.0.1", port: 80 });
const health = (verdicts: Record<string, Verdict>) =>
  new Map(Object.entries(verdicts).map(([name, verdict]) => [name, { verdict }]));

test("instances and health are joined by service and id, in the order they were found", () => {
  const [a, b] = [instance("web", "1"), instance("db", "1")];
  assert.equal(nameOf(a), "web/1");
  assert.deepEqual(roster([a, b], health({ "db/1": "down", "web/1": "up" })), [
    { instance: a, verdict: "up" },
    { instance: b, verdict: "down" },
  ]);
});

test("who has no health yet is unknown, and health without an instance is of no interest", () => {
  const a = instance("web", "1");
  assert.deepEqual(roster([a], health({ "web/2": "up" })), [{ instance: a, verdict: "unknown" }]);
});
