import assert from "node:assert/strict";
import { test } from "node:test";
import { drainAgainAndAgain } from "./drained.ts";

test("who is drained with --wait may end the moment that the command returns: no request fails", async (t) => {
  const { answered, failures, tookMs } = await drainAgainAndAgain(t, 6);
  t.diagnostic(`requests: ${answered} answered, ${failures.length} failed; drains: ${tookMs}`);
  assert.deepEqual(failures, []);
  assert.ok(answered > 200);
});
