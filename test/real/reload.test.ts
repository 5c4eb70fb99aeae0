import assert from "node:assert/strict";
import { test } from "node:test";
import { reloadUnderLoad } from "./reload-under-load.ts";

test("reloads that add and remove instances and files, are invalid or change the TTL interrupt nothing", async (t) => {
  const result = await reloadUnderLoad(t, 20);
  const { answered, failures, gaps, reads, owners, reloaded, refused, codes } = result;
  t.diagnostic(`requests: ${answered} answered, ${failures.length} failed; ${reads} reads`);
  assert.deepEqual(failures, []);
  assert.deepEqual(gaps, []);
  assert.deepEqual([reloaded, refused], [16, 4]);
  assert.deepEqual([[...codes.valid], [...codes.invalid]], [[0], [2]]);
  assert.equal(owners, 5, "one session for each change of the TTL");
  assert.ok(answered > 100 && reads > 100);
});
