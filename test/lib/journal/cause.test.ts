import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf, describeCause, markOf, noCause } from "../../../lib/journal/cause.ts";
import type { KeyChange } from "../../../lib/journal/contract.ts";

const changes = Array.from({ length: 23 }, (_, i) => ({
  ...{ key: `/services/web/${i}`, op: "put" as const, revision: "17" },
}));

test("of many keys 20 are named, and the others counted", () => {
  const { keys, more } = causeOf(changes, []);
  assert.deepEqual([keys, more], [changes.slice(0, 20), 3]);
});

test("a cause in a few words is its first key, how many more there are, and other reasons", () => {
  assert.equal(describeCause(noCause), "");
  assert.equal(describeCause(causeOf([], ["start"])), "start");
  assert.equal(describeCause(causeOf(changes.slice(0, 1), [])), "/services/web/0@17");
  assert.equal(describeCause(causeOf(changes, ["template"])), "/services/web/0@17 +22 template");
});

test("history distinguishes a key that is new, has another value, is gone or is quarantined", () => {
  const change = { key: "/services/web/a", op: "put" as const, revision: "17" };
  const lineOf = (more: Partial<KeyChange>) =>
    describeCause(causeOf([{ ...change, ...more }], []), markOf);
  assert.equal(lineOf({ after: "1" }), "+ /services/web/a@17");
  assert.equal(lineOf({ before: "1", after: "2" }), "~ /services/web/a@17");
  assert.equal(lineOf({ op: "gone", before: "1" }), "- /services/web/a@17");
  assert.equal(lineOf({ op: "quarantined", after: "1" }), "quarantined /services/web/a@17");
});
