import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf, describeCause, noCause } from "../../../lib/journal/cause.ts";

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
