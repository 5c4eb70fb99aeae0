import assert from "node:assert/strict";
import { test } from "node:test";
import { keysIn } from "../../../cli/top/keys.ts";

test("the sequences of a terminal are keys, several at a time", () => {
  assert.deepEqual(keysIn("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[4~"), [
    ...(["up", "down", "page up", "page down", "home", "end"] as const),
  ]);
  assert.deepEqual(keysIn("/é日\r\x7f\x1b\x03"), [
    ...[{ text: "/" }, { text: "é" }, { text: "日" }],
    ...(["enter", "backspace", "escape", "interrupt"] as const),
  ]);
});

test("other sequences are left out, and no character that steers a terminal is text", () => {
  assert.deepEqual(keysIn("\x1b[200~\x1b[1;5C\0\x01\t\u202e\u009b"), []);
  assert.deepEqual(keysIn(""), []);
});
