import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyResolution } from "../../../lib/model/resolution.ts";
import { movedInstances } from "../../../lib/view/moved.ts";
import { PoolResolver } from "../../../lib/view/resolve-pools.ts";
import { poolsWith } from "./entries.ts";

test("an instance has moved if its host name has other addresses, whatever its entry has", () => {
  const values = { "/services/web/a": "a.test:80", "/services/web/b": "b.test:80" };
  const resolver = new PoolResolver();
  const resolution = emptyResolution.with([
    ["a.test", { addresses: ["10.0.0.1"] }],
    ["b.test", { addresses: ["10.0.0.2"] }],
  ]);
  const before = resolver.of(poolsWith(values), resolution).pools;
  const again = resolver.of(poolsWith(values, "2"), resolution).pools;
  assert.deepEqual(movedInstances(before, again), [], "the entries are other objects");
  const later = resolution.with([["b.test", { addresses: ["10.0.0.3"] }]]);
  const moved = resolver.of(poolsWith(values, "3"), later).pools;
  assert.deepEqual(movedInstances(before, moved), ["/services/web/b"]);
});
