import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt, shortened } from "../../../lib/base/excerpt.ts";

test("a value in a message is formatted as JSON on one line", () => {
  assert.equal(excerpt('a "b"\n'), '"a \\"b\\"\\n"');
  assert.equal(excerpt({ port: 1 }), '{"port":1}');
  assert.equal(excerpt(undefined), "nothing");
});

test("a long value is cut to the limit, with an ellipsis as its last character", () => {
  assert.equal(excerpt("x".repeat(78)), `"${"x".repeat(78)}"`);
  assert.equal(excerpt("x".repeat(79)), `"${"x".repeat(78)}…`);
  assert.equal(excerpt("abcdef", 5), '"abc…');
  assert.equal(shortened("abcde", 5), "abcde");
  assert.equal(shortened("abcdef", 5), "abcd…");
});
