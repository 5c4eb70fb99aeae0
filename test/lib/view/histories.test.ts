import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Entry } from "../../../lib/model/entry.ts";
import type { Endpoint } from "../../../lib/model/pool.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { DrainedFinder } from "../../../lib/view/drained.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { PoolResolver } from "../../../lib/view/resolve-pools.ts";
import { type NamedSources, Sources } from "../../../lib/view/sources.ts";
import { oneOf, seeded } from "../../support/random.ts";

const folders = ["/services/web", "/services/api", "/old/web", "/new/web", "/nerve/db"];
const named: NamedSources = {
  union: {
    mode: "union",
    folders: [{ path: "/old/web" }, { path: "/new/web" }, { path: "/services/api" }],
    instances: [],
  },
  first: { mode: "first", folders: [{ path: "/new/web" }, { path: "/old/web" }], instances: [] },
  alone: { mode: "union", folders: [{ path: "/nerve/db" }], instances: [] },
};

/** Few addresses and few ids, so that ids repeat addresses, in several spellings, and addresses each other. */
const addresses = ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "web.test:80", "web.test.:80"];
const ids = [...addresses, "WEB.test:80", "i_0000000001", "i_0000000002", "i_0000000003", "z"];

function randomEntry(random: () => number): [string, Entry] {
  const key = `${oneOf(folders, random)}/${oneOf(ids, random)}`;
  const [, host, port] = /(.*):(\d+)$/.exec(oneOf(addresses, random)) ?? [];
  const weight = oneOf([0, 1, 2], random);
  const value = random() < 0.1 ? "damaged" : JSON.stringify({ host, port: Number(port), weight });
  return [key, { key, value, revision: String(Math.floor(random() * 1e6)) }];
}

function randomChange(before: Snapshot, random: () => number): Snapshot {
  const put = new Map(Array.from({ length: 1 + random() * 4 }, () => randomEntry(random)));
  const gone = before.chunks.flat().flatMap(({ key }) => (random() < 0.15 ? [key] : []));
  const kept = gone.filter((key) => !put.has(key));
  if (random() < 0.9) return before.after({ kind: "delta", revision: "2", put, gone: kept });
  const rest = before.chunks.flat().filter(({ key }) => !kept.includes(key));
  const entries = new Map([...rest.map((one) => [one.key, one] as const), ...put]);
  return before.after({ kind: "reset", revision: "2", entries });
}

const fresh = () => emptyPools(new Sources("/services", named));

/** All that is computed of a history, in a form that does not depend on identities. */
function content({ byName, quarantined }: Pools) {
  const sorted = [...quarantined].sort(([a], [b]) => (a < b ? -1 : 1));
  return { pools: [...byName.values()], quarantined: sorted };
}

/** So many entries that those of one address are in several chunks. */
function manyEntries(): Snapshot {
  const all = Array.from({ length: 1200 }, (_, i) => {
    const key = `${i % 2 ? "/old/web" : "/services/web"}/j${i}`;
    return [key, { key, value: `10.1.${i >> 8}.${i & 255}:80`, revision: "1" }] as const;
  });
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(all) });
}

for (let seed = 1; seed <= 20; seed += 1) {
  test(`whatever has happened before, services are what their entries say (history ${seed})`, () => {
    const random = seeded(seed);
    const finder = new DrainedFinder();
    const resolver = new PoolResolver();
    let current = pools(fresh(), seed % 4 === 0 ? manyEntries() : Snapshot.empty);
    for (let step = 0; step < 25; step += 1) {
      const snapshot = randomChange(current.snapshot, random);
      const branch = pools(current, randomChange(current.snapshot, random));
      current = pools(current, snapshot);
      const scratch = pools(fresh(), snapshot);
      assert.deepEqual(content(current), content(scratch));
      assert.deepEqual(content(branch), content(pools(fresh(), branch.snapshot)));
      assert.deepEqual([...finder.in(current)], [...new DrainedFinder().in(scratch)]);
      assert.deepEqual(namesIn(resolver, current), namesIn(new PoolResolver(), scratch));
    }
  });
}

function namesIn(resolver: PoolResolver, current: Pools): readonly string[] {
  return Array.from(resolver.namesIn(current), (names) => names.toSorted().join()).sort();
}

const count = 5000;

/** A service of so many instances with ids that are not their addresses, as Nerve's numbered nodes, and then one change. */
function numbered(t: TestContext, host: (i: number) => string) {
  const entryAt = (i: number, weight: number): [string, Entry] => {
    const key = `/services/web/i_${String(i).padStart(10, "0")}`;
    const value = JSON.stringify({ host: host(i), port: 80, weight });
    return [key, { key, value, revision: "1" }];
  };
  const entries = new Map(Array.from({ length: count }, (_, i) => entryAt(i, 1)));
  const reset = Snapshot.empty.after({ kind: "reset", revision: "1", entries });
  const before = pools(emptyPools("/services"), reset);
  const put = new Map([entryAt(4321, 0)]);
  const snapshot = before.snapshot.after({ kind: "delta", revision: "2", put, gone: [] });
  t.diagnostic(`${snapshot.chunks.length} chunks`);
  return { before, snapshot };
}

/** Counts the reads of a member of the endpoints that two states have in common. */
function countReads(before: Pools, after: Pools, member: keyof Endpoint): () => number {
  let reads = 0;
  const all = before.byName.get("web")?.instances ?? [];
  const kept = new Set(after.byName.get("web")?.instances);
  for (const one of all) {
    if (!kept.has(one)) continue;
    const value = one[member];
    Object.defineProperty(one, member, {
      get: () => {
        reads += 1;
        return value;
      },
    });
  }
  return () => reads;
}

test("a change costs what its chunk costs, also where ids are not addresses", (t) => {
  const { before, snapshot } = numbered(t, (i) => `10.0.${i >> 8}.${i & 255}`);
  const { get } = Snapshot.prototype;
  let lookups = 0;
  snapshot.get = (key) => {
    lookups += 1;
    return get.call(snapshot, key);
  };
  let addressesRead = 0;
  for (const one of before.byName.get("web")?.instances ?? []) {
    const { address } = one;
    Object.defineProperty(one, "address", {
      get: () => {
        addressesRead += 1;
        return address;
      },
    });
  }
  pools(before, snapshot);
  const chunk = Math.max(...snapshot.chunks.map(({ length }) => length));
  assert.ok(lookups <= chunk, `${lookups} lookups for a chunk of ${chunk}`);
  assert.ok(addressesRead <= 4 * chunk, `${addressesRead} addresses read`);
});

test("the drained instances are found by looking at those that have changed", (t) => {
  const { before, snapshot } = numbered(t, (i) => `10.0.${i >> 8}.${i & 255}`);
  const after = pools(before, snapshot);
  const finder = new DrainedFinder();
  assert.equal(finder.in(before).size, 0);
  const reads = countReads(before, after, "weight");
  assert.deepEqual([...finder.in(after).keys()], ["/services/web/i_0000004321"]);
  assert.equal(reads(), 0);
});

test("host names are looked for in the instances that have changed", (t) => {
  const { before, snapshot } = numbered(t, (i) => `web-${i}.test`);
  const after = pools(before, snapshot);
  const resolver = new PoolResolver();
  assert.equal(resolver.namesIn(before).size, 1);
  const reads = countReads(before, after, "host");
  const [names] = resolver.namesIn(after);
  assert.equal(names?.length, count);
  assert.equal(reads(), 0);
});

test("nothing is kept of a service that has no entries any longer", (t) => {
  const { before } = numbered(t, (i) => `10.0.${i >> 8}.${i & 255}`);
  assert.deepEqual([...before.memo.duplicates.keys()], ["web"]);
  const gone = before.snapshot.chunks.flat().map(({ key }) => key);
  const batch = { kind: "delta", revision: "2", put: new Map(), gone } as const;
  const after = pools(before, before.snapshot.after(batch));
  assert.equal(after.memo.duplicates.size, 0);
});
