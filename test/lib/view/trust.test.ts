import assert from "node:assert/strict";
import { test } from "node:test";
import { SharingMap } from "../../../lib/base/sharing-map.ts";
import { emptyResolution, type Resolved } from "../../../lib/model/resolution.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { allQuarantined } from "../../../lib/view/pools.ts";
import { PoolResolver } from "../../../lib/view/resolve-pools.ts";
import type { TrustRules } from "../../../lib/view/trust/contract.ts";
import { Doubts } from "../../../lib/view/trust/doubts.ts";
import { oddKind } from "../../../lib/view/trust/odd-address.ts";
import { Views } from "../../../lib/view/views.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const guard = {
  all: { maxLoss: 0.5, min: 0, retainMs: 30_000, keepEmpty: false },
  services: {},
};

function viewsWith(trust?: TrustRules) {
  const log = new RecordingLog();
  const settings = { services: "/services", limits: unlimited, guard, ...(trust && { trust }) };
  return { views: new Views(settings, new ManualClock(), log), log };
}

function snapshotOf(values: Readonly<Record<string, string>>, before = Snapshot.empty): Snapshot {
  const entries = Object.entries(values).map(([name, value]) => {
    const key = `/services/${name}`;
    return [key, { key, value, revision: "7" }] as const;
  });
  return before.after({ kind: "reset", revision: "7", entries: new Map(entries) });
}

/** The addresses that are served, and the reason of each quarantined entry by the end of its key. */
function judged(trust: TrustRules, values: Readonly<Record<string, string>>) {
  const { views } = viewsWith(trust);
  const { byName } = views.of(snapshotOf(values));
  const served = [...byName.values()].flatMap(({ instances }) => instances.map((one) => one.key));
  const reasons = allQuarantined(views.latest.value.observed).map(({ key, why }) => [
    key.slice("/services/".length),
    why,
  ]);
  return {
    served: served.map((key) => key.slice("/services/".length)),
    reasons: Object.fromEntries(reasons),
  };
}

const payments = {
  hosts: ["10.2.0.0/16", "fd00:2::/32"],
  ports: ["8443", "8000-8999"],
  names: ["pay-*"],
};
const setting = "watch.trust.services.payments";

test("an entry outside of the networks, ports and names of its service is quarantined", () => {
  const rules: TrustRules = { services: { payments }, otherwise: "accept" };
  const { served, reasons } = judged(rules, {
    "payments/a": "10.2.0.1:8443",
    "payments/b": "10.2.9.9:8999",
    "payments/c": "[fd00:2::1]:8000",
    "payments/d": "[::ffff:10.2.0.7]:8443",
    "payments/e": "PAY-1.:8443",
    "payments/f": "10.9.9.9:8443",
    "payments/g": "10.2.0.1:22",
    "payments/h": "[::ffff:10.9.9.9]:8443",
    "payments/i": "pay-1.evil.test:8443",
    "payments/j": "127.0.0.1:8443",
    "web/a": "10.9.9.9:1",
  });
  assert.deepEqual(served, [..."abcde"].map((id) => `payments/${id}`).concat("web/a"));
  const hosts = `10.2.0.0/16, fd00:2::/32 (${setting}.hosts)`;
  assert.deepEqual(reasons, {
    "payments/f": `not trusted: 10.9.9.9 is not within ${hosts}`,
    "payments/g": `not trusted: its port 22 is none of 8443, 8000-8999 (${setting}.ports)`,
    "payments/h": `not trusted: ::ffff:10.9.9.9 is not within ${hosts}`,
    "payments/i": `not trusted: pay-1.evil.test is no name like pay-* (${setting}.names)`,
    "payments/j": `not trusted: 127.0.0.1 is not within ${hosts}`,
  });
});

test("a rule with hosts alone permits no names, one with names alone no addresses, one with ports any host", () => {
  const services = {
    a: { hosts: ["10.0.0.1"] },
    n: { names: ["*.pay.test"] },
    p: { ports: ["80"] },
    z: {},
  };
  const { served, reasons } = judged(
    { services, otherwise: "refuse" },
    {
      "a/1": "10.0.0.1:80",
      "a/2": "host.test:80",
      "n/1": "x.pay.test:80",
      "n/2": "10.0.0.1:80",
      "n/3": "x.y.pay.test:80",
      "p/1": "any.test:80",
      "z/1": "any.test:80",
      "other/1": "10.0.0.1:80",
    },
  );
  assert.deepEqual(served, ["a/1", "n/1", "p/1", "z/1"]);
  const at = "watch.trust.services";
  assert.deepEqual(reasons, {
    "a/2": `not trusted: host.test is a name, and only addresses within 10.0.0.1 are permitted (${at}.a.hosts)`,
    "n/2": `not trusted: 10.0.0.1 is an address, and only names like *.pay.test are permitted (${at}.n.names)`,
    "n/3": `not trusted: x.y.pay.test is no name like *.pay.test (${at}.n.names)`,
    "other/1":
      "not trusted: there is no rule for the service other (watch.trust.otherwise: refuse)",
  });
});

test("each address of a host name has to be in the networks: no name leads around them", () => {
  const { views } = viewsWith({ services: { payments }, otherwise: "accept" });
  const pools = views.of(
    snapshotOf({
      "payments/a": "pay-a:8443",
      "payments/b": "pay-b:8443",
      "payments/c": "pay-c:8443",
    }),
  );
  const states: Record<string, Resolved> = {
    "pay-a": { addresses: ["10.2.0.1", "10.2.0.2"] },
    "pay-b": { addresses: ["10.2.0.3", "10.9.9.9"] },
    // The other family counts, too: a template may write the name.
    "pay-c": { addresses: ["10.2.0.3", "fd00:9::1"] },
  };
  const resolver = new PoolResolver();
  const { pools: usable, unresolved } = resolver.of(
    pools,
    emptyResolution.with(Object.entries(states)),
  );
  const ids = usable.byName.get("payments")?.instances.map(({ id }) => id);
  assert.deepEqual(ids, ["a"]);
  const within = `which is not within 10.2.0.0/16, fd00:2::/32 (${setting}.hosts)`;
  assert.deepEqual(
    unresolved.map(({ why }) => why),
    [
      `not trusted: pay-b has the address 10.9.9.9, ${within}`,
      `not trusted: pay-c has the address fd00:9::1, ${within}`,
    ],
  );
  assert.equal(usable.snapshot.get("/services/payments/b"), undefined);
});

test("a template that reads keys by itself does not see an untrusted entry, and the others keep their identity", () => {
  const { views, log } = viewsWith({ services: { payments }, otherwise: "accept" });
  const values = { "payments/a": "10.2.0.1:8443", "payments/x": "10.9.9.9:8443" };
  const first = snapshotOf(values);
  const pools = views.of(first);
  assert.equal(pools.snapshot.get("/services/payments/x"), undefined);
  assert.ok(pools.snapshot.get("/services/payments/a"));
  assert.equal(views.of(first), pools);
  const next = views.of(snapshotOf({ ...values, "web/a": "10.0.0.1:1" }, first));
  assert.equal(next.byName.get("payments"), pools.byName.get("payments"));
  assert.deepEqual([...next.snapshot.changedSince(pools.snapshot)], ["/services/web/a"]);
  const logged = log.take().map(({ event, message }) => `${event}: ${message}`);
  assert.deepEqual(logged, [
    `quarantined: /services/payments/x (revision 7) is quarantined: not trusted: 10.9.9.9 is not within 10.2.0.0/16, fd00:2::/32 (${setting}.hosts)`,
  ]);
});

test("an entry that is overwritten with an untrusted value is retained by the guard as it was", () => {
  const { views } = viewsWith({ services: { payments }, otherwise: "accept" });
  const [good, evil] = ["10.2.0.1:8443", "10.9.9.9:8443"];
  const ids = ["a", "b", "c", "d"].map((id) => `payments/${id}`);
  const all = (value: (id: string) => string) =>
    Object.fromEntries(ids.map((id) => [id, value(id)]));
  const first = snapshotOf(all((id) => `10.2.0.${id.charCodeAt(9)}:8443`));
  views.of(first);
  const pools = views.of(
    snapshotOf(
      all((id) => (id === "payments/a" ? good : evil)),
      first,
    ),
  );
  const instances = pools.byName.get("payments")?.instances ?? [];
  assert.equal(instances.length, 4);
  assert.ok(instances.every(({ host }) => host.startsWith("10.2.")));
  assert.notEqual(pools.snapshot.get("/services/payments/b")?.value, evil);
  assert.equal(allQuarantined(views.latest.value.observed).length, 3);
});

test("odd addresses are recognized in every form", () => {
  const kinds = {
    "127.0.0.1": "loopback",
    "127.9.9.9": "loopback",
    "0.0.0.0": "loopback",
    "::1": "loopback",
    "::": "loopback",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:7f00:1": "loopback",
    localhost: "loopback",
    "db.localhost.": "loopback",
    "169.254.1.1": "link-local",
    "fe80::1": "link-local",
    "169.254.169.254": "metadata service",
    "::ffff:a9fe:a9fe": "metadata service",
    "fd00:ec2::254": "metadata service",
    "100.100.100.200": "metadata service",
    "metadata.google.internal": "metadata service",
    "10.0.0.1": undefined,
    "100.100.100.201": undefined,
    "fd00::1": undefined,
    "2001:db8::1": undefined,
    "localhost.example.org": undefined,
  };
  for (const [host, kind] of Object.entries(kinds)) assert.equal(oddKind(host), kind, host);
});

test("odd entries of other hosts in a shared keyspace are doubted; those of this host are not", () => {
  const { views } = viewsWith();
  const own = {
    name: "here",
    keys: ["/services/web/127.0.0.1:1"],
    folders: { "": true, "/services/local": false },
  };
  const doubts = new Doubts(own);
  const json = (host: string, port: number, name: string) => JSON.stringify({ host, port, name });
  const first = snapshotOf({
    "local/x": "127.0.0.1:9",
    "web/127.0.0.1:1": "127.0.0.1:1",
    "web/a": json("127.0.0.1", 2, "here"),
    "web/b": json("127.0.0.1", 3, "there"),
    "web/c": "10.0.0.1:4",
    "web/here:one:80": "127.0.0.1:5",
    "web/m": "meta.test:80",
  });
  const found = () =>
    doubts.in(views.latest.value.effective, resolution).map(({ key, why }) => `${key} ${why}`);
  let resolution = emptyResolution;
  views.of(first);
  const b = "/services/web/b 127.0.0.1:3 means the loopback interface of each host that reads it";
  assert.deepEqual(found(), [b]);
  resolution = SharingMap.of([["meta.test", { addresses: ["169.254.169.254"] }]]);
  const m = "/services/web/m meta.test:80 means the metadata service of each host that reads it";
  assert.deepEqual(found(), [b, m]);
  views.of(snapshotOf({ "web/c": "[::1]:4", "web/m": "meta.test:80" }, first));
  const c = "/services/web/c [::1]:4 means the loopback interface of each host that reads it";
  assert.deepEqual(found(), [c, m]);
});
