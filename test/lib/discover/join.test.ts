import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "../../../lib/discover/join.ts";

const at = (id: string, port: number) => ({
  instance: { service: "web", id, host: "10.0.0.1", port, name: `on ${port}` },
  checks: [],
  standing: { state: "up" } as const,
});
const item = { what: "container x", why: "its name is empty" };

test("of duplicates the instance of the first discovery counts, and the other is quarantined", () => {
  const [named, first, second] = [at("a", 80), at("a", 81), at("b", 82)];
  const joined = join([
    { found: [named], quarantined: [] },
    { found: [first, second], quarantined: [item] },
  ]);
  assert.deepEqual(joined.found, [named, second]);
  assert.equal(joined.found[1], second);
  assert.equal(joined.quarantined[0], item);
  assert.match(joined.quarantined[1]?.what ?? "", /^web\/a \(on 81\)$/);
});

test("an instance that readers of the keyspace would quarantine is not registered", () => {
  const good = at("a", 80);
  const bad = [
    { host: "fe80::1%eth0" },
    { host: "a..b" },
    { host: "10.0.0.256" },
    { service: "x".repeat(254) },
    { id: "a b" },
  ].map((fields, i) => ({ ...good, instance: { ...at(`b${i}`, 80).instance, ...fields } }));
  const joined = join([{ found: [good, ...bad], quarantined: [] }]);
  assert.deepEqual(joined.found, [good]);
  assert.deepEqual(
    joined.quarantined.map(({ why }) => why),
    [
      'its host is "fe80::1%eth0": expected an IPv6 address without a zone',
      'its host is "a..b": expected no empty part between two dots',
      'its host is "10.0.0.256": expected an IPv4 address of four numbers from 0 to 255 without leading zeros',
      "the service name has 254 characters: expected at most 253",
      "the instance id is invalid in a proxy's file",
    ],
  );
});
