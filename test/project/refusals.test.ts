import assert from "node:assert/strict";
import { test } from "node:test";
import { refusals } from "../real/refusals.ts";
import { rowsOfRefusals } from "./refusals-page.ts";

test("docs/refusals.md has a row for each tested failure, and no other", async () => {
  const rows = await rowsOfRefusals();
  const documented = rows.flatMap(({ what, kinds }) => kinds.map((kind) => `${kind}: ${what}`));
  const tested = refusals.flatMap(({ what, kinds }) => kinds.map((kind) => `${kind}: ${what}`));
  assert.deepEqual(documented.sort(), tested.sort());
});
