import assert from "node:assert/strict";
import { test } from "node:test";
import { parseValues } from "../../../../lib/keyspace/yaml/parse-values.ts";

for (const [where, text, place] of [
  ["at the top", "a: 1\nb: 2\na: 3\n", "line 3, column 1"],
  ["in a list", "x:\n  - { a: 1, 'a': 2 }\n", "line 2, column 13"],
  ["in another notation", "1: a\n0x1: b\n", "line 2, column 1"],
] as const) {
  test(`a key that is repeated ${where} is refused, with its place`, () => {
    assert.throws(
      () => parseValues(text, "app.yaml"),
      (error: Error) =>
        error.message.includes("keys must be unique") && error.message.includes(place),
    );
  });
}

test("the same key in several mappings is none that is repeated", () => {
  const values = parseValues(
    "one: { host: a }\ntwo: { host: b }\nlist: [{ host: c }]\n",
    "app.yaml",
  );
  assert.deepEqual(
    [...values],
    [
      ["/one/host", "a"],
      ["/two/host", "b"],
      ["/list/0/host", "c"],
    ],
  );
});
