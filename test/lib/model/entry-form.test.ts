import assert from "node:assert/strict";
import { test } from "node:test";
import { storePathOf } from "../../../lib/model/entry-form.ts";

const key = "/web/i-1+admin";

test("the path of an entry has its own name, or the last part of its key", () => {
  assert.equal(storePathOf(key, "v", {}), key);
  assert.equal(storePathOf(key, "v", { isPersistent: true }), key);
  assert.equal(storePathOf(key, "v", { name: "i-1" }), "/web/i-1");
  assert.equal(storePathOf("/top", "v", { name: "i-1_" }), "/i-1_");
});

test("a name that encodes the value is that of Nerve: URL-safe base64 with padding, and its length", () => {
  const form = { encodesValue: true, name: "i-1" };
  assert.equal(storePathOf(key, "??>~", { ...form, isNumbered: true }), "/web/base64_8_Pz8-fg==");
  assert.equal(storePathOf(key, "??>~", form), "/web/base64_8_Pz8-fg==_");
  assert.equal(storePathOf(key, "???", form), "/web/base64_4_Pz8__");
});

test("a value that is too long for a name is not encoded", () => {
  const form = { encodesValue: true, isNumbered: true, name: "i-1" };
  const longest = "x".repeat(65_536 * 0.75);
  assert.match(storePathOf(key, longest, form), /^\/web\/base64_65536_/);
  assert.equal(storePathOf(key, `${longest}x`, form), "/web/i-1");
});
