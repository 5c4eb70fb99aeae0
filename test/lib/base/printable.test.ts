import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableJson, printableText } from "../../../lib/base/printable.ts";

for (const [what, text, expected] of [
  ["a colour", "\x1b[31mred", "\\x1b[31mred"],
  ["a title of a window", "\x1b]0;owned\x07", "\\x1b]0;owned\\x07"],
  ["line ends and a tab", "a\r\nb\tc", "a\\r\\nb\\tc"],
  ["DEL and C1", "\x7f\x9b31m\x85", "\\x7f\\x9b31m\\x85"],
  ["a reversal of the text", "a\u202eb\u2066c\u200f", "a\\u202eb\\u2066c\\u200f"],
  ["what takes no room", "a\u200bb\ufeff\u00ad", "a\\u200bb\\ufeff\\xad"],
  ["separators of lines", "a\u2028b\u2029", "a\\u2028b\\u2029"],
  ["a tag beyond the first plane", "a\u{e0041}", "a\\u{e0041}"],
  ["half a surrogate pair", "a\ud800b", "a\\ud800b"],
  ["letters of any script, and pictures", "läuft 日本 שלום 🚀", "läuft 日本 שלום 🚀"],
] as const) {
  test(`${what} is shown, and steers no terminal`, () => {
    assert.equal(printable(text), expected);
    assert.equal(printable(expected), expected);
    const json = printableJson({ text });
    assert.deepEqual(JSON.parse(json), { text });
    assert.equal(printable(json), json);
  });
}

test("a text of several lines keeps its lines and columns", () => {
  assert.equal(printableText("a\tb\n\x1b[2Jc\r\n"), "a\tb\n\\x1b[2Jc\\r\n");
});

test("indented JSON keeps its lines", () => {
  assert.equal(printableJson({ a: "\x9b" }, 2), '{\n  "a": "\\u009b"\n}');
});
