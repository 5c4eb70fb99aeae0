import assert from "node:assert/strict";
import { test } from "node:test";
import { rangesOf } from "../../../../lib/keyspace/etcd/ranges.ts";

const cases: readonly (readonly [prefixes: string[], ranges: string[]])[] = [
  [["/web"], ["/web", "/web/…/web0"]],
  [["web/"], ["/web", "/web/…/web0"]],
  [["/"], ["/…0"]],
  [
    ["/a/b", "/a", "/a/"],
    ["/a", "/a/…/a0"],
  ],
  [
    ["/a", "/ab"],
    ["/a", "/a/…/a0", "/ab", "/ab/…/ab0"],
  ],
  [["/a", ""], ["/…0"]],
];

for (const [prefixes, ranges] of cases) {
  test(`${JSON.stringify(prefixes)} is ${ranges.join(" and ")}`, () => {
    const asked = rangesOf(prefixes).flatMap(({ itself, below }) => [
      ...(itself ? [String(itself.key)] : []),
      `${below.key}…${below.range_end}`,
    ]);
    assert.deepEqual(asked, ranges);
  });
}
