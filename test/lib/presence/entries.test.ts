import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { SharingMap } from "../../../lib/base/sharing-map.ts";
import { sealOf } from "../../../lib/model/seal.ts";
import { stampOf } from "../../../lib/model/stamp.ts";
import type { Verdict } from "../../../lib/model/verdict.ts";
import type { Registration } from "../../../lib/presence/contract.ts";
import { computeEntries, emptyRegistration, withRenewed } from "../../../lib/presence/entries.ts";
import { placesOf } from "../../../lib/presence/places.ts";
import { emptyRoster, roster } from "../../../lib/presence/roster.ts";
import { Signer } from "../../../lib/presence/signer.ts";

const instance = (id: string) => ({ service: "web", id, host: "10.0.0.1", port: 80, weight: 10 });

/** A roster of instances of one service, by id. */
const rosterOf = (verdicts: Readonly<Record<string, Verdict>>, previous = emptyRoster) => {
  const known = new Map([...previous.members.values()].map((m) => [m.instance.id, m.instance]));
  const instances = Object.keys(verdicts).map((id) => known.get(id) ?? instance(id));
  const health = Object.entries(verdicts).map(
    ([id, verdict]) => [`web/${id}`, { verdict }] as const,
  );
  return roster(previous, instances, SharingMap.of(health));
};

const json = { places: placesOf({ prefix: "/services" }), format: "json" } as const;

test("an instance that is up has an entry; one that is down or unknown has none", () => {
  const { entries } = computeEntries(
    emptyRegistration,
    rosterOf({ a: "up", b: "down", c: "unknown" }),
    json,
  );
  assert.deepEqual(
    [...entries],
    [["/services/web/a", '{"host":"10.0.0.1","port":80,"weight":10}']],
  );
});

test("an entry can be the address alone", () => {
  const { entries } = computeEntries(emptyRegistration, rosterOf({ a: "up" }), {
    ...json,
    format: "address",
  });
  assert.deepEqual([...entries], [["/services/web/a", "10.0.0.1:80"]]);
});

test("the prefix may be written with or without slashes, and may be the root", () => {
  const keys = ["/a/b", "a/b/", "/", ""].map((prefix) => [
    ...computeEntries(emptyRegistration, rosterOf({ 1: "up" }), {
      ...json,
      places: placesOf({ prefix }),
    }).entries.keys(),
  ]);
  assert.deepEqual(keys.flat(), ["/a/b/web/1", "/a/b/web/1", "/web/1", "/web/1"]);
});

test("an empty roster has no entries", () => {
  assert.deepEqual([...computeEntries(emptyRegistration, rosterOf({}), json).entries], []);
});

test("entries follow the members: an instance that is down or gone has none, one that is up has one", () => {
  let registration = computeEntries(
    emptyRegistration,
    rosterOf({ a: "up", b: "up", c: "down" }),
    json,
  );
  registration = computeEntries(
    registration,
    rosterOf({ a: "up", b: "down", c: "up" }, registration.roster),
    json,
  );
  assert.deepEqual([...registration.entries.keys()], ["/services/web/a", "/services/web/c"]);
  registration = computeEntries(registration, rosterOf({ c: "up" }, registration.roster), json);
  assert.deepEqual([...registration.entries.keys()], ["/services/web/c"]);
});

test("entries without a difference are the same object", () => {
  const before = computeEntries(emptyRegistration, rosterOf({ a: "up", b: "unknown" }), json);
  const after = computeEntries(before, rosterOf({ a: "up", b: "down" }, before.roster), json);
  assert.equal(after.entries, before.entries);
});

test("an entry has the time at which it became what it is, and keeps it for as long as nothing else changes", () => {
  const at = (stampMs: number) => ({ ...json, stampMs });
  const value = (weight: number, ms: number) =>
    `{"host":"10.0.0.1","port":80,"weight":${weight},"at":${ms}}`;
  const up = rosterOf({ a: "up" });
  const first = computeEntries(emptyRegistration, up, at(1));
  assert.deepEqual([...first.entries.values()], [value(10, 1)]);
  const [known] = up.instances;
  assert.ok(known);
  const health = SharingMap.of([["web/a", { verdict: "up" as const }] as const]);
  const again = roster(up, [{ ...known }], health);
  assert.notEqual(again.members.get("web/a"), up.members.get("web/a"));
  const same = computeEntries(first, again, at(2));
  assert.equal(same.entries, first.entries);
  const drained = computeEntries(same, roster(again, [{ ...known, weight: 0 }], health), at(3));
  assert.deepEqual([...drained.entries.values()], [value(0, 3)]);
  const down = computeEntries(drained, rosterOf({ a: "down" }), at(4));
  const back = computeEntries(down, rosterOf({ a: "up" }), at(5));
  assert.deepEqual([...back.entries.values()], [value(10, 5)]);
});

test("a signature is kept until the instance changes or half of its time is over, and the stamp with it", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  let nowMs = 1000;
  const settings = { keyFile: "", keyName: "one", validityMs: 100_000 };
  const signer = new Signer(settings, privateKey, () => nowMs);
  const compute = (before: Registration, stampMs: number, verdicts: Record<string, Verdict>) =>
    computeEntries(before, rosterOf(verdicts, before.roster), { ...json, stampMs, signer });
  const first = compute(emptyRegistration, 7, { a: "up" });
  const valueIn = ({ entries }: Registration, key = "a") =>
    entries.get(`/services/web/${key}`) ?? "";
  assert.equal(sealOf(valueIn(first))?.notAfterMs, 101_000);
  nowMs = 50_999;
  assert.equal(withRenewed(first, signer), first);
  const second = compute(first, 8, { a: "up", b: "up" });
  assert.equal(valueIn(second), valueIn(first));
  assert.equal(sealOf(valueIn(second, "b"))?.notAfterMs, 150_999);
  nowMs = 51_000;
  const renewed = withRenewed(second, signer);
  assert.equal(sealOf(valueIn(renewed))?.notAfterMs, 151_000);
  assert.equal(stampOf(valueIn(renewed)), 7);
  assert.equal(valueIn(renewed, "b"), valueIn(second, "b"));
});
