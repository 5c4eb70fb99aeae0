import assert from "node:assert/strict";
import { test } from "node:test";
import { markdownTable } from "../../docs/generate/markdown.ts";

test("a table has columns of one width, and no cell ends early", () => {
  assert.equal(
    markdownTable(["a", ""], [["one", "x|y"], ["`two`"]]),
    "| a     |      |\n| ----- | ---- |\n| one   | x\\|y |\n| `two` |      |",
  );
});
