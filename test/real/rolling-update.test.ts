import assert from "node:assert/strict";
import { test } from "node:test";
import { type RolledProxy, rollingUpdate } from "./rolling-update.ts";

for (const proxy of ["haproxy", "nginx"] satisfies readonly RolledProxy[]) {
  test(`${proxy}: no request fails while instances are replaced by start, wait --served, drain --wait and stop alone`, async (t) => {
    const { answered, failures, answering } = await rollingUpdate(t, proxy, 2);
    assert.deepEqual(failures, []);
    assert.ok(answered > 0);
    assert.deepEqual([...answering].sort(), ["new-0", "new-1"]);
  });
}
