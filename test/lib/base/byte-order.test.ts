import assert from "node:assert/strict";
import { test } from "node:test";
import { byBytes, sortedByBytes } from "../../../lib/base/byte-order.ts";
import { oneOf, seeded } from "../../support/random.ts";

const parts = ["a", "b", "z", "/", "é", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}", "😀", "𝒜"];

test("texts are compared as their UTF-8 bytes are", () => {
  const random = seeded(3);
  const text = () =>
    Array.from({ length: Math.floor(random() * 4) }, () => oneOf(parts, random)).join("");
  const texts = Array.from({ length: 400 }, text);
  for (const a of texts) {
    const b = text();
    const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
    assert.equal(Math.sign(byBytes(a, b)), expected, JSON.stringify([a, b]));
  }
  const expected = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(sortedByBytes(texts), expected);
  assert.notDeepEqual([...texts].sort(), expected, "the order of UTF-16 units is another one");
});
