import assert from "node:assert/strict";
import { test } from "node:test";
import { isInstanceId, isQuotable, isServiceName } from "../../../lib/model/names.ts";

test("a text with a character that some file cannot quote is not quotable", () => {
  for (const text of ["", "a b", "ü/=(),*?!<>|&~^[]@"]) assert.ok(isQuotable(text), text);
  for (const mark of "\"'`\\;{}#$%\n\r\t\0\x1b\x7f\x85") {
    assert.equal(isQuotable(`a${mark}b`), false, JSON.stringify(mark));
  }
  assert.ok(isQuotable("💥"));
  assert.equal(isQuotable("\ud83d"), false, "half of it");
});

test("the name of a service consists of letters, digits and _ . : -", () => {
  for (const name of ["web", "a.b:c-d_1", "..."]) assert.ok(isServiceName(name), name);
  for (const name of ["", ".", "..", "a b", "a/b", "ü", "a\n", "x".repeat(254)]) {
    assert.equal(isServiceName(name), false, JSON.stringify(name));
  }
});

test("the id of an instance is any quotable text without spaces and slashes", () => {
  for (const id of ["web-1", "10.0.0.1:80", "[::1]:80", "host:name:80", "ü"]) {
    assert.ok(isInstanceId(id), id);
  }
  for (const id of [
    "",
    ".",
    "..",
    "a b",
    "a/b",
    "a\n",
    "a'b",
    "a\u2028b",
    "a\ud800",
    "x".repeat(1025),
  ]) {
    assert.equal(isInstanceId(id), false, JSON.stringify(id));
  }
});
