import assert from "node:assert/strict";
import { test } from "node:test";
import { handOverUnderLoad } from "./hand-over-under-load.ts";

for (const store of ["etcd", "zookeeper"] as const) {
  test(`${store}: agents of the same instance follow each other without a gap`, async (t) => {
    const rounds = 3;
    const { answered, failures, gaps, reads, owners } = await handOverUnderLoad(t, store, rounds);
    t.diagnostic(`requests: ${answered} answered, ${failures.length} failed; ${reads} reads`);
    assert.deepEqual(failures, []);
    assert.deepEqual(gaps, []);
    assert.equal(owners, rounds + 1);
    assert.ok(answered > 100 && reads > 100);
  });
}
