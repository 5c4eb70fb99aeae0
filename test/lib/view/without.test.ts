import assert from "node:assert/strict";
import { test } from "node:test";
import { without } from "../../../lib/view/without.ts";
import { poolsWith } from "./entries.ts";

test("entries that are left out are neither among the services nor among the keys", () => {
  const pools = poolsWith({
    "/services/api/1": "10.0.0.1:80",
    "/services/db/1": "10.0.0.1:81",
    "/services/web/1": "10.0.0.1:82",
    "/services/web/2": "10.0.0.2:82",
    "/app/name": "x",
  });
  const left = without(pools, new Set(["/services/db/1", "/services/web/2", "/app/name", "/no"]));
  assert.deepEqual(
    [...left.byName].map(([name, { instances }]) => [name, instances.map(({ id }) => id)]),
    [
      ["api", ["1"]],
      ["web", ["1"]],
    ],
  );
  assert.equal(
    left.byName.get("api"),
    pools.byName.get("api"),
    "an unchanged service keeps its identity",
  );
  const keys = left.snapshot.chunks.flat().map(({ key }) => key);
  assert.deepEqual(keys, ["/services/api/1", "/services/web/1"]);
  assert.equal(without(pools, new Set()), pools);
});
