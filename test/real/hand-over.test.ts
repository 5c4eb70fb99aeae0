import assert from "node:assert/strict";
import { test } from "node:test";
import { handOverUnderLoad } from "./hand-over-under-load.ts";

for (const store of ["etcd", "zookeeper"] as const) {
  test(`${store}: agents of the same instance follow each other without a gap, also after a crash`, async (t) => {
    const [rounds, crashes] = [2, 1];
    const result = await handOverUnderLoad(t, store, rounds, crashes);
    const { answered, failures, gaps, reads, owners } = result;
    t.diagnostic(`requests: ${answered} answered, ${failures.length} failed; ${reads} reads`);
    assert.deepEqual(failures, []);
    assert.deepEqual(gaps, []);
    assert.equal(owners, rounds + crashes + 1);
    assert.ok(answered > 100 && reads > 100);
  });
}
