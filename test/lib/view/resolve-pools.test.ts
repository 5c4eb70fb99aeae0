import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyResolution, type Resolved } from "../../../lib/model/resolution.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { PoolResolver } from "../../../lib/view/resolve-pools.ts";
import { Sources } from "../../../lib/view/sources.ts";
import { poolsWith } from "./entries.ts";

const resolutionOf = (states: Readonly<Record<string, Resolved>>) =>
  emptyResolution.with(Object.entries(states));

test("services without host names are not changed", () => {
  const pools = poolsWith({ "/services/web/a": "10.0.0.1:80", "/services/web/b": "[::1]:80" });
  const resolver = new PoolResolver();
  assert.equal(resolver.of(pools, emptyResolution).pools, pools);
  assert.equal(resolver.namesIn(pools).size, 0);
  assert.equal(resolver.isPending(pools, emptyResolution), false);
});

test("an instance with a host name has an instance for each of its addresses, of one family", () => {
  const pools = poolsWith({ "/services/web/a": "a.test:80", "/services/web/b": "b.test:80" });
  const resolution = resolutionOf({
    "a.test": { addresses: ["10.0.0.1", "10.0.0.2", "fd00::1"] },
    "b.test": { addresses: ["fd00::1"] },
  });
  const resolver = new PoolResolver();
  const { pools: result, unresolved } = resolver.of(pools, resolution);
  const [a, b] = result.byName.get("web")?.instances ?? [];
  assert.equal(a?.address, "a.test:80");
  assert.deepEqual(
    a?.resolved?.map(({ key, host, address, server }) => [key, host, address, server]),
    [
      ["/services/web/a", "10.0.0.1", "10.0.0.1:80", "h10.0.0.1_80"],
      ["/services/web/a", "10.0.0.2", "10.0.0.2:80", "h10.0.0.2_80"],
    ],
  );
  assert.deepEqual(
    b?.resolved?.map(({ address }) => address),
    ["[fd00::1]:80"],
  );
  assert.deepEqual(unresolved, []);
  assert.equal(result.snapshot, pools.snapshot);
});

test("an instance without an address is left out with its key; a service without others is absent", () => {
  const pools = poolsWith({
    "/services/api/x": "new.test:80",
    "/services/db/x": "10.0.0.5:80",
    "/services/web/a": "dead.test:80",
    "/services/web/b": "10.0.0.1:80",
  });
  const resolver = new PoolResolver();
  const resolution = resolutionOf({ "dead.test": { why: "no" } });
  assert.equal(resolver.isPending(pools, resolution), true);
  const result = resolver.of(pools, resolution);
  assert.deepEqual([...result.pools.byName.keys()], ["db", "web"]);
  assert.deepEqual(
    result.pools.byName.get("web")?.instances.map(({ address }) => address),
    ["10.0.0.1:80"],
  );
  assert.equal(result.pools.byName.get("db"), pools.byName.get("db"));
  assert.equal(result.pools.snapshot.get("/services/web/a"), undefined);
  assert.equal(result.pools.snapshot.get("/services/api/x"), undefined);
  assert.deepEqual(result.unresolved, [
    {
      key: "/services/web/a",
      revision: "1",
      why: "its host dead.test cannot be resolved: no",
    },
  ]);
  const all = resolution.with([["new.test", { why: "no" }]]);
  assert.equal(resolver.isPending(pools, all), false);
});

test("a snapshot that lacks the same instances is the same object, whatever addresses the others have", () => {
  const pools = poolsWith({ "/services/web/a": "dead.test:80", "/services/web/b": "b.test:80" });
  const resolver = new PoolResolver();
  const before = resolutionOf({
    "dead.test": { why: "no" },
    "b.test": { addresses: ["10.0.0.1"] },
  });
  const after = before.with([["b.test", { addresses: ["10.0.0.2"] }]]);
  const [first, second] = [resolver.of(pools, before), resolver.of(pools, after)];
  assert.notEqual(first.pools, second.pools);
  assert.equal(first.pools.snapshot, second.pools.snapshot);
  assert.deepEqual([...second.missing], ["/services/web/a"]);
});

test("what does not change keeps its identity", () => {
  const pools = poolsWith({
    "/services/web/a": "a.test:80",
    "/services/web/b": "b.test:80",
    "/services/api/c": "c.test:80",
  });
  const resolver = new PoolResolver();
  const before = resolutionOf({
    "a.test": { addresses: ["10.0.0.1"] },
    "b.test": { addresses: ["10.0.0.2"] },
    "c.test": { addresses: ["10.0.0.3"] },
  });
  const first = resolver.of(pools, before).pools;
  assert.equal(resolver.of(pools, before).pools, first);
  const after = before.with([["b.test", { addresses: ["10.0.0.9"] }]]);
  const second = resolver.of(pools, after).pools;
  assert.equal(second.byName.get("api"), first.byName.get("api"));
  const [a, b] = second.byName.get("web")?.instances ?? [];
  assert.equal(a, first.byName.get("web")?.instances[0]);
  assert.notEqual(b, first.byName.get("web")?.instances[1]);
});

test("an instance of several services without an address is reported once, and left out of each", () => {
  const union = { mode: "union", folders: [{ path: "/x" }], instances: [] } as const;
  const key = "/x/a";
  const entries = new Map([[key, { key, value: "dead.test:80", revision: "1" }]]);
  const snapshot = Snapshot.empty.after({ kind: "reset", revision: "1", entries });
  const found = pools(emptyPools(new Sources(false, { one: union, two: union })), snapshot);
  assert.deepEqual([...found.byName.keys()], ["one", "two"]);
  const resolution = resolutionOf({ "dead.test": { why: "ENOTFOUND" } });
  const { pools: result, unresolved } = new PoolResolver().of(found, resolution);
  assert.equal(result.byName.size, 0);
  assert.deepEqual(
    unresolved.map((one) => one.key),
    [key],
  );
});
