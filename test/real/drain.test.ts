import assert from "node:assert/strict";
import { test } from "node:test";
import { drainUnderLoad } from "./drain-under-load.ts";

test("an instance may end as soon as sidekick drain --wait has returned: no request fails", async (t) => {
  const { answered, failures, tookMs } = await drainUnderLoad(t, 6);
  t.diagnostic(`requests: ${answered} answered, ${failures.length} failed; drains: ${tookMs}`);
  assert.deepEqual(failures, []);
  assert.ok(answered > 200);
});
