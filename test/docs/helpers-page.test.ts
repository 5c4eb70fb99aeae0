import assert from "node:assert/strict";
import { test } from "node:test";
import { helpersReference } from "../../docs/generate/helpers-page.ts";
import { helpers } from "../../lib/render/helpers/all.ts";

test("every helper has its row in the reference", () => {
  const lines = helpersReference().split("\n");
  assert.equal(lines.length, Object.keys(helpers).length + 2);
  for (const line of lines) assert.equal(line.split(/(?<!\\)\|/).length, 4, line);
  assert.ok(lines.some((line) => /^\| `add a b` +\| a \+ b, for integers +\|$/.test(line)));
});
