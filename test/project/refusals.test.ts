import assert from "node:assert/strict";
import { test } from "node:test";
import { refusals } from "../real/refusals.ts";
import { rowsOfRefusals } from "./refusals-page.ts";

test("docs/refusals.md has a row for everything that the tests have go wrong, and no other", async () => {
  const rows = await rowsOfRefusals();
  const told = rows.flatMap(({ what, kinds }) => kinds.map((kind) => `${kind}: ${what}`));
  const tried = refusals.flatMap(({ what, kinds }) => kinds.map((kind) => `${kind}: ${what}`));
  assert.deepEqual(told.sort(), tried.sort());
});
