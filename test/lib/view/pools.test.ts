import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { allQuarantined, emptyPools, pools } from "../../../lib/view/pools.ts";

function entries(pairs: Readonly<Record<string, string>>): Map<string, Entry> {
  return new Map(Object.entries(pairs).map(([key, value]) => [key, { key, value, revision: "1" }]));
}

function first(pairs: Readonly<Record<string, string>>): Snapshot {
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: entries(pairs) });
}

function next(
  snapshot: Snapshot,
  put: Readonly<Record<string, string>>,
  gone: readonly string[] = [],
): Snapshot {
  return snapshot.after({ kind: "delta", revision: "2", put: entries(put), gone });
}

const two = {
  "/services/web/10.0.0.1:80": "10.0.0.1:80",
  "/services/web/10.0.0.2:80": '{"host":"10.0.0.2","port":80,"weight":5,"labels":{"zone":"a"}}',
  "/services/api/10.0.0.3:81": "10.0.0.3:81",
};

test("services are the folders, in order of name, with their instances in key order", () => {
  const found = pools(emptyPools("/services"), first(two));
  assert.deepEqual([...found.byName.keys()], ["api", "web"]);
  const web = found.byName.get("web")?.instances ?? [];
  assert.deepEqual(
    web.map(({ address, weight, labels, server }) => [address, weight, labels.zone, server]),
    [
      ["10.0.0.1:80", 1, undefined, "h10.0.0.1_80"],
      ["10.0.0.2:80", 5, "a", "h10.0.0.2_80"],
    ],
  );
});

test("a change groups its own service again and no other", () => {
  const before = pools(emptyPools("/services"), first(two));
  const after = pools(
    before,
    next(before.snapshot, { "/services/web/10.0.0.9:80": "10.0.0.9:80" }),
  );
  assert.equal(after.byName.get("api"), before.byName.get("api"));
  assert.notEqual(after.byName.get("web"), before.byName.get("web"));
  const [kept] = before.byName.get("web")?.instances ?? [];
  assert.equal(after.byName.get("web")?.instances[0], kept);
});

test("a service is removed with its last instance", () => {
  const before = pools(emptyPools("/services"), first(two));
  const after = pools(before, next(before.snapshot, {}, ["/services/api/10.0.0.3:81"]));
  assert.deepEqual([...after.byName.keys()], ["web"]);
});

test("an invalid entry is quarantined alone", () => {
  const bad = "/services/web/evil";
  const value = "10.0.0.1:80; } server { listen 81";
  const found = pools(emptyPools("/services"), first({ ...two, [bad]: value }));
  assert.equal(found.byName.get("web")?.instances.length, 2);
  assert.deepEqual(
    allQuarantined(found).map(({ key }) => key),
    [bad],
  );
  const elsewhere = next(found.snapshot, { "/services/api/10.0.0.4:81": "10.0.0.4:81" });
  assert.equal(pools(found, elsewhere).quarantined, found.quarantined, "the same object");
  const fixed = pools(found, next(found.snapshot, { [bad]: "10.0.0.7:80" }));
  assert.equal(fixed.byName.get("web")?.instances.length, 3);
  assert.deepEqual(allQuarantined(fixed), []);
});

test("an address that several entries claim is listed once, and the others are quarantined", () => {
  const found = pools(
    emptyPools("/services"),
    first({
      ...two,
      "/services/web/0-before": "10.0.0.2:80",
      "/services/web/old-id": "10.0.0.1:80",
      "/services/web/older-id": "10.0.0.1:80",
      "/services/web/other": "10.0.0.5:80",
      "/services/web/others": "10.0.0.5:80",
    }),
  );
  assert.deepEqual(
    found.byName.get("web")?.instances.map(({ id }) => id),
    ["10.0.0.1:80", "10.0.0.2:80", "other"],
  );
  const repeats = (address: string, id: string) =>
    `its address ${address} is that of /services/web/${id}, which is served instead`;
  assert.deepEqual(
    allQuarantined(found).map(({ key, revision, why }) => [key, revision, why]),
    [
      ["/services/web/0-before", "1", repeats("10.0.0.2:80", "10.0.0.2:80")],
      ["/services/web/old-id", "1", repeats("10.0.0.1:80", "10.0.0.1:80")],
      ["/services/web/older-id", "1", repeats("10.0.0.1:80", "10.0.0.1:80")],
      ["/services/web/others", "1", repeats("10.0.0.5:80", "other")],
    ],
  );
});

/** Entries of a service, and the one that is served. */
const claims: readonly [what: string, entries: Readonly<Record<string, string>>, id: string][] = [
  [
    "an entry under its own address goes before one that drains it",
    { "!": '{"host":"10.0.0.1","port":80,"weight":0}', "10.0.0.1:80": "10.0.0.1:80" },
    "10.0.0.1:80",
  ],
  [
    "a drained entry under its own address goes before one with a weight",
    { "!": "10.0.0.1:80", "10.0.0.1:80": '{"host":"10.0.0.1","port":80,"weight":0}' },
    "10.0.0.1:80",
  ],
  [
    "no alias drains another alias",
    { a: '{"host":"10.0.0.1","port":80,"weight":0}', b: "10.0.0.1:80", c: "10.0.0.1:80" },
    "b",
  ],
  [
    "hosts that differ in case and in a final dot are the same",
    { "!": "web.example:80", "WEB.example.:80": "WEB.example.:80", z: "web.EXAMPLE:80" },
    "WEB.example.:80",
  ],
  [
    "an entry with the address of another one as its id is no rival",
    { "10.0.0.2:80": "10.0.0.1:80", z: "10.0.0.2:80" },
    "10.0.0.2:80 z",
  ],
];

for (const [what, entries, id] of claims) {
  test(what, () => {
    const all = Object.entries(entries).map(([key, value]) => [`/services/web/${key}`, value]);
    const served = (found: Pools) =>
      found.byName
        .get("web")
        ?.instances.map((one) => one.id)
        .join(" ");
    assert.equal(served(pools(emptyPools("/services"), first(Object.fromEntries(all)))), id);
    let late = pools(emptyPools("/services"), Snapshot.empty);
    for (const one of all.toReversed()) {
      late = pools(late, next(late.snapshot, Object.fromEntries([one])));
    }
    assert.equal(served(late), id, "written one after the other");
  });
}

/** Services with the ports of their instances, as the next snapshot after `before`. */
function running(
  services: Readonly<Record<string, readonly number[]>>,
  before = Snapshot.empty,
): Snapshot {
  const keys = Object.entries(services).flatMap(([name, ports]) =>
    ports.map((port) => [`/services/${name}/10.0.0.1:${port}`, `10.0.0.1:${port}`]),
  );
  const reset = {
    kind: "reset",
    revision: "1",
    entries: entries(Object.fromEntries(keys)),
  } as const;
  return before.after(reset);
}

const portsOf = (found: Pools, service: string) =>
  found.byName.get(service)?.instances.map(({ port }) => port);

const reasons = (found: Pools) => allQuarantined(found).map(({ key, why }) => `${key}: ${why}`);

test("instances beyond the limit are quarantined; the ones shown stay", () => {
  let found = pools(
    emptyPools("/services", { ...unlimited, instances: 3 }),
    running({ web: [5, 6, 7] }),
  );
  assert.deepEqual(reasons(found), []);
  found = pools(found, running({ api: [1], web: [1, 2, 3, 4, 5, 6, 7] }, found.snapshot));
  assert.deepEqual(portsOf(found, "web"), [5, 6, 7]);
  assert.deepEqual(reasons(found), [
    "/services/web/*: 4 of its 7 instances, such as 10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3, " +
      "are beyond watch.limits.instances (3)",
  ]);
  const api = found.byName.get("api");
  found = pools(found, running({ api: [1], web: [1, 2, 3, 5, 7, 9] }, found.snapshot));
  assert.deepEqual(portsOf(found, "web"), [1, 5, 7]);
  assert.equal(found.byName.get("api"), api);
  found = pools(found, running({ web: [1, 2] }, found.snapshot));
  assert.deepEqual([portsOf(found, "web"), reasons(found)], [[1, 2], []]);
  const afresh = emptyPools("/services", { ...unlimited, instances: 3 });
  assert.deepEqual(portsOf(pools(afresh, running({ web: [9, 8, 7, 6] })), "web"), [6, 7, 8]);
});

test("services beyond the limit are quarantined; the ones shown stay", () => {
  let found = emptyPools("/services", { ...unlimited, services: 2 });
  const of = (...names: readonly string[]) =>
    running(Object.fromEntries(names.map((name) => [name, [1]])), found.snapshot);
  found = pools(found, of("m", "n"));
  found = pools(found, of("a", "b", "m", "n", "z"));
  assert.deepEqual([...found.byName.keys()], ["m", "n"]);
  assert.deepEqual(reasons(found), [
    "/services/*: 3 of its 5 services, such as a, b, z, are beyond watch.limits.services (2)",
  ]);
  const pool = found.byName.get("n");
  found = pools(found, of("a", "b", "n", "z"));
  assert.deepEqual([...found.byName.keys()], ["a", "n"]);
  assert.equal(found.byName.get("n"), pool);
  found = pools(found, running({ a: [1], b: [1], n: [1, 2], z: [2] }, found.snapshot));
  assert.deepEqual(
    [[...found.byName.keys()], portsOf(found, "n")],
    [
      ["a", "n"],
      [1, 2],
    ],
  );
  found = pools(found, running({ b: [1], z: [2] }, found.snapshot));
  assert.deepEqual([[...found.byName.keys()], portsOf(found, "z")], [["b", "z"], [2]]);
  assert.deepEqual(reasons(found), []);
});

test("a value beyond the limit, and a name that is too long, are quarantined", () => {
  const labels = (text: string) => JSON.stringify({ host: "a", port: 1, labels: { text } });
  const long = "x".repeat(4200);
  const found = pools(
    emptyPools("/services", { ...unlimited, value: 100 }),
    first({
      "/services/web/a": labels("x".repeat(40)),
      "/services/web/b": labels("ü".repeat(40)),
      [`/services/${long}/a`]: "10.0.0.1:80",
      [`/services/web/${long}`]: "10.0.0.1:80",
    }),
  );
  assert.equal(found.byName.get("web")?.instances.length, 1);
  assert.deepEqual([...found.byName.keys()], ["web"]);
  assert.deepEqual(reasons(found).sort(), [
    "/services/web/b: its value has 122 bytes: watch.limits.value allows 100",
    `/services/web/${long}: the instance id has 4200 characters: expected at most 1024`,
    `/services/${long}/a: the service name has 4200 characters: expected at most 253`,
  ]);
});

test("keys beside the folder and below an instance are no instances", () => {
  const found = pools(
    emptyPools("/services"),
    first({
      "/services-old/web/10.0.0.1:80": "10.0.0.1:80",
      "/services/stray": "10.0.0.1:80",
      "/services/web/a/b": "10.0.0.1:80",
    }),
  );
  assert.deepEqual([...found.byName.keys()], []);
  assert.deepEqual(
    allQuarantined(found).map(({ key }) => key),
    ["/services/web/a/b"],
  );
});

test("any order of changes gives the same result as the last snapshot alone", () => {
  let random = 42;
  const below = (n: number) => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return random % n;
  };
  let snapshot = Snapshot.empty;
  let found = pools(emptyPools("/services"), snapshot);
  for (let step = 0; step < 300; step += 1) {
    const put: Record<string, string> = {};
    for (let i = below(40); i >= 0; i -= 1) {
      const address = `10.0.${below(9)}.${below(250)}:80`;
      const id = below(9) === 0 ? `id-${below(20)}` : address;
      put[`/services/s${below(5)}/${id}`] = below(20) === 0 ? "bad" : address;
    }
    const known = snapshot.chunks.flat();
    const gone = known.filter(() => below(6) === 0).map(({ key }) => key);
    snapshot = next(
      snapshot,
      put,
      gone.filter((key) => !(key in put)),
    );
    found = pools(found, snapshot);
  }
  const afresh = pools(emptyPools("/services"), snapshot);
  assert.deepEqual([...found.byName], [...afresh.byName]);
  assert.deepEqual(
    new Set(allQuarantined(found).map(({ key }) => key)),
    new Set(allQuarantined(afresh).map(({ key }) => key)),
  );
});
