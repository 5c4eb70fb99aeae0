import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { helpersPage } from "../../docs/helpers-page.ts";

test("docs/helpers.md is what docs/helpers-page.ts makes of the helpers", async () => {
  assert.equal(await readFile("docs/helpers.md", "utf8"), helpersPage());
});
