import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../lib/model/entry.ts";
import type { Endpoint } from "../../../lib/model/pool.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { DrainedFinder } from "../../../lib/view/drained.ts";
import { emptyGuarded, guard } from "../../../lib/view/guard.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { allQuarantined, emptyPools, pools } from "../../../lib/view/pools.ts";
import { type NamedSources, type Source, Sources } from "../../../lib/view/sources.ts";
import { visibleServices } from "../../../lib/view/visible.ts";
import { without } from "../../../lib/view/without.ts";

const source = (mode: Source["mode"], ...paths: readonly string[]): Source => ({
  mode,
  folders: paths.map((path) => ({ path })),
  instances: [],
});
const union = (...paths: readonly string[]) => source("union", ...paths);
const first = (...paths: readonly string[]) => source("first", ...paths);

const entry = (key: string, value: string): [string, Entry] => [key, { key, value, revision: "1" }];
const entries = (pairs: Readonly<Record<string, string>>) =>
  new Map(Object.entries(pairs).map(([key, value]) => entry(key, value)));

function poolsOf(named: NamedSources, pairs: Readonly<Record<string, string>>): Pools {
  const snapshot = Snapshot.empty.after({ kind: "reset", revision: "1", entries: entries(pairs) });
  return pools(emptyPools(new Sources("/services", named)), snapshot);
}

function changed(
  before: Pools,
  put: Readonly<Record<string, string>>,
  gone: readonly string[] = [],
): Pools {
  const batch = { kind: "delta", revision: "2", put: entries(put), gone } as const;
  return pools(before, before.snapshot.after(batch));
}

/** By service, the keys of the instances. */
function keysIn({ byName }: Pools): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Array.from(byName, ([name, { instances }]) => [name, instances.map(({ key }) => key)]),
  );
}

const drained = (host: string) => JSON.stringify({ host, port: 80, weight: 0 });

test("the instances of a source are the entries directly in its folder, at any depth", () => {
  const found = poolsOf(
    { web: union("/airbnb/web/services"), api: union("/v2") },
    {
      "/airbnb/web/services/i-1": "10.0.0.1:80",
      "/airbnb/web/services/deeper/i-2": "10.0.0.2:80",
      "/airbnb/web/other": "10.0.0.3:80",
      "/v2/a": "10.0.0.4:80",
    },
  );
  assert.deepEqual(keysIn(found), { api: ["/v2/a"], web: ["/airbnb/web/services/i-1"] });
  assert.deepEqual(allQuarantined(found), []);
  const [one] = found.byName.get("web")?.instances ?? [];
  assert.deepEqual([one?.service, one?.id], ["web", "i-1"]);
});

test("a source replaces the sub-folder of its name, and may name it", () => {
  const pairs = { "/services/web/a": "10.0.0.1:80", "/other/b": "10.0.0.2:80" };
  assert.deepEqual(keysIn(poolsOf({ web: union("/other") }, pairs)), { web: ["/other/b"] });
  const both = poolsOf({ web: union("/services/web", "/other") }, pairs);
  assert.deepEqual(keysIn(both), { web: ["/other/b", "/services/web/a"] });
  const alias = poolsOf({ also: union("/services/web") }, pairs);
  assert.deepEqual(keysIn(alias), { also: ["/services/web/a"], web: ["/services/web/a"] });
});

test("a folder under several names is decoded for each of them", () => {
  const found = poolsOf({ a: union("/x"), b: union("/x") }, { "/x/1": "10.0.0.1:80", "/x/2": "?" });
  const services = [...found.byName.values()].map(({ instances }) => instances[0]?.service);
  assert.deepEqual(services, ["a", "b"]);
  const after = changed(found, { "/x/3": "10.0.0.3:80" });
  assert.deepEqual(keysIn(after), { a: ["/x/1", "/x/3"], b: ["/x/1", "/x/3"] });
  assert.equal(after.byName.get("b")?.instances[0], found.byName.get("b")?.instances[0]);
});

test("an address in several folders of a union counts once; one that takes requests goes first", () => {
  const found = poolsOf(
    { web: union("/old", "/new") },
    {
      "/new/10.0.0.1:80": "10.0.0.1:80",
      "/old/10.0.0.1:80": drained("10.0.0.1"),
      "/new/10.0.0.2:80": drained("10.0.0.2"),
      "/old/10.0.0.2:80": "10.0.0.2:80",
      "/old/10.0.0.3:80": "10.0.0.3:80",
      "/new/i-3": "10.0.0.3:80",
    },
  );
  const served = ["/new/10.0.0.1:80", "/old/10.0.0.2:80", "/old/10.0.0.3:80"];
  assert.deepEqual(keysIn(found), { web: served });
  const repeated = allQuarantined(found).map(({ key }) => key);
  assert.deepEqual(repeated.sort(), ["/new/10.0.0.2:80", "/new/i-3", "/old/10.0.0.1:80"]);
});

test("the first folder that has instances is used, whichever changes", () => {
  const before = poolsOf({ db: first("/primary", "/standby") }, { "/standby/b": "10.0.0.2:80" });
  assert.deepEqual(keysIn(before), { db: ["/standby/b"] });
  const primary = changed(before, { "/primary/a": "10.0.0.1:80" });
  assert.deepEqual(keysIn(primary), { db: ["/primary/a"] });
  const back = changed(primary, {}, ["/primary/a"]);
  assert.deepEqual(keysIn(back), { db: ["/standby/b"] });
  assert.deepEqual(keysIn(changed(back, {}, ["/standby/b"])), {});
});

test("configured instances are used where no folder has any, from the first snapshot on", () => {
  const configured = { service: "db", id: "c", key: "watch.sources.db/c" } as Endpoint;
  const named = { db: { ...first("/primary"), instances: [configured] } };
  const before = poolsOf(named, {});
  assert.deepEqual(keysIn(before), { db: ["watch.sources.db/c"] });
  const found = changed(before, { "/primary/a": "10.0.0.1:80" });
  assert.deepEqual(keysIn(found), { db: ["/primary/a"] });
  assert.deepEqual(keysIn(changed(found, {}, ["/primary/a"])), { db: ["watch.sources.db/c"] });
});

test("members of a serverset have the address of the endpoint that their folder names", () => {
  const member = JSON.stringify({
    serviceEndpoint: { host: "10.0.0.1", port: 1 },
    additionalEndpoints: { http: { host: "10.0.0.1", port: 8080 } },
    shard: 3,
  });
  const http = { ...union(), folders: [{ path: "/svc", endpoint: "http" }] };
  const found = poolsOf({ http, main: union("/svc") }, { "/svc/member_0": member });
  const of = (name: string) => found.byName.get(name)?.instances[0];
  assert.deepEqual([of("http")?.address, of("main")?.address], ["10.0.0.1:8080", "10.0.0.1:1"]);
  assert.deepEqual([of("http")?.name, of("main")?.name], ["3", "3"]);
});

test("an instance that is not served is drained unless its address takes requests", () => {
  const named = { web: union("/new", "/old"), db: first("/primary", "/standby") };
  const before = poolsOf(named, {
    "/new/10.0.0.1:80": "10.0.0.1:80",
    "/old/10.0.0.1:80": drained("10.0.0.1"),
    "/primary/a": "10.0.0.7:80",
    "/standby/b": drained("10.0.0.8"),
    "/standby/c": drained("10.0.0.7"),
  });
  const finder = new DrainedFinder();
  assert.deepEqual([...finder.in(before).keys()], ["/standby/b"]);
  const after = changed(before, { "/new/10.0.0.1:80": drained("10.0.0.1") });
  const keys = ["/new/10.0.0.1:80", "/old/10.0.0.1:80", "/standby/b"];
  assert.deepEqual([...finder.in(after).keys()].sort(), keys);
});

test("quarantined entries of a source are left out of each of its services", () => {
  const found = poolsOf(
    { a: union("/x"), b: union("/x", "/y") },
    { "/x/1": "10.0.0.1:80", "/y/2": "10.0.0.2:80" },
  );
  assert.deepEqual(keysIn(without(found, new Set(["/x/1"]))), { b: ["/y/2"] });
});

test("the mass-loss guard retains the instances of a source", () => {
  const sources = new Sources("/services", { web: union("/a", "/b") });
  const four = entries({
    "/a/1": "10.0.0.1:80",
    "/a/2": "10.0.0.2:80",
    "/a/3": "10.0.0.3:80",
    "/b/4": "10.0.0.4:80",
  });
  const all = { maxLoss: 0.5, min: 0, retainMs: 10_000, keepEmpty: false };
  const start = emptyGuarded(sources);
  const snapshot = Snapshot.empty.after({ kind: "reset", revision: "1", entries: four });
  const before = guard(start, pools(start.observed, snapshot), { all, services: {} }, 0);
  const lost = snapshot.after({
    kind: "delta",
    revision: "2",
    put: new Map(),
    gone: ["/a/1", "/a/2", "/a/3"],
  });
  const after = guard(before, pools(before.observed, lost), { all, services: {} }, 1);
  assert.deepEqual(keysIn(after.effective), { web: ["/a/1", "/a/2", "/a/3", "/b/4"] });
});

test("a limit counts the instances of all folders, and names the first one", () => {
  const limits = { ...unlimited, instances: 1 };
  const empty = emptyPools(new Sources("/services", { web: union("/b", "/a") }), limits);
  const snapshot = Snapshot.empty.after({
    kind: "reset",
    revision: "1",
    entries: entries({ "/a/1": "10.0.0.1:80", "/b/2": "10.0.0.2:80" }),
  });
  const found = pools(empty, snapshot);
  assert.deepEqual(keysIn(found), { web: ["/a/1"] });
  assert.deepEqual(
    allQuarantined(found).map(({ key, count }) => [key, count]),
    [["/b/*", 1]],
  );
});

test("a template sees a source if all of its folders are within its prefixes", () => {
  const found = poolsOf(
    { web: union("/a", "/b"), api: union("/a") },
    { "/a/1": "10.0.0.1:80", "/services/db/2": "10.0.0.2:80" },
  );
  const names = (...prefixes: readonly string[]) =>
    visibleServices(found, prefixes).map(({ name }) => name);
  assert.deepEqual(names("/services", "/a", "/b"), ["api", "db", "web"]);
  assert.deepEqual(names("/a"), ["api"]);
  assert.deepEqual(names("/services/db"), ["db"]);
});

test("a change groups its own sources again and no other, and asks only for the folders of its key", () => {
  const count = 1000;
  const named = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`s${i}`, union(`/old/${i}`, `/new/${i}`)]),
  );
  const values = Array.from({ length: count }, (_, i) => [
    `/old/${i}/a`,
    `10.0.${i >> 8}.${i % 256}:80`,
  ]);
  const before = poolsOf(named, Object.fromEntries(values));
  const reads: string[] = [];
  const snapshot = before.snapshot.after({
    kind: "delta",
    revision: "2",
    put: entries({ "/new/7/b": "10.1.0.7:80" }),
    gone: [],
  });
  const { below } = Snapshot.prototype;
  snapshot.below = (folder) => {
    reads.push(folder);
    return below.call(snapshot, folder);
  };
  const after = pools(before, snapshot);
  assert.deepEqual(reads, ["/old/7", "/new/7"]);
  const regrouped = [...after.byName].filter(([name, pool]) => before.byName.get(name) !== pool);
  assert.deepEqual(
    regrouped.map(([name]) => name),
    ["s7"],
  );
  const { sources } = after;
  assert.deepEqual([...sources.servicesOf("/new/7/b")], ["s7"]);
});

test("without a folder of services there are only those of sources", () => {
  const sources = new Sources(false, { web: union("/a") });
  const snapshot = Snapshot.empty.after({
    kind: "reset",
    revision: "1",
    entries: entries({
      "/a/1": "10.0.0.1:80",
      "/services/db/2": "10.0.0.2:80",
      "/false/x/y": "a:1",
    }),
  });
  const found = pools(emptyPools(sources), snapshot);
  assert.deepEqual(keysIn(found), { web: ["/a/1"] });
  assert.deepEqual([sources.covers("/services/db/2"), sources.covers("/a/1")], [false, true]);
  assert.equal(visibleServices(found, ["/a"]).length, 1);
  assert.equal(visibleServices(found, ["/b"]).length, 0);
});
