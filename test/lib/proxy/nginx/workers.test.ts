import assert from "node:assert/strict";
import { test } from "node:test";
import { isReplaced, isServing } from "../../../../lib/proxy/nginx/workers.ts";

const titles: readonly (readonly [string, boolean])[] = [
  ["nginx: worker process", true],
  ["nginx: master process nginx -c /etc/nginx/nginx.conf", true], // forked, and not titled yet
  ["nginx: worker process is shutting down", false],
  ["nginx: cache manager process", false],
  ["nginx: cache loader process", false],
  ["", false], // has ended
];

for (const [title, serving] of titles) {
  test(`"${title}" ${serving ? "serves" : "does not serve"}`, () => {
    assert.equal(isServing(title), serving);
  });
}

test("a generation is replaced when there is another and none of its workers serves", () => {
  assert.ok(isReplaced(new Set([1, 2]), new Set([3, 4])));
  assert.ok(isReplaced(new Set(), new Set([3])));
  assert.ok(!isReplaced(new Set([1, 2]), new Set([2, 3, 4])));
  assert.ok(!isReplaced(new Set([1, 2]), new Set()));
});
