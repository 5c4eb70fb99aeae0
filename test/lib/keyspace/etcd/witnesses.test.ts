import assert from "node:assert/strict";
import { test } from "node:test";
import {
  newestOf,
  noWitnesses,
  putOf,
  removalOf,
  type Witnesses,
  witnessesAfter,
} from "../../../../lib/keyspace/etcd/witnesses.ts";

const kv = (key: string, revision: number, value = "1") => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  mod_revision: String(revision),
  create_revision: "1",
  version: "1",
  lease: "0",
});
const put = (key: string, revision: number) => putOf(kv(key, revision));
const removal = (key: string, revision: number) => removalOf(kv(key, revision));
const keys = ({ puts, removals }: Witnesses) => [
  puts.map(({ key }) => key).join(""),
  removals.map(({ key }) => key).join(""),
];

test("the last four puts and the last four removals are kept", () => {
  const puts = [..."abcdef"].map((key, i) => put(key, i + 1));
  const removals = [..."uvwxyz"].map((key, i) => removal(key, i + 11));
  const witnesses = witnessesAfter(noWitnesses, [...puts, ...removals]);
  assert.deepEqual(keys(witnesses), ["cdef", "wxyz"]);
  assert.equal(newestOf(witnesses), 16n);
});

test("a later write of a key replaces the earlier one, whatever it is", () => {
  const first = witnessesAfter(noWitnesses, [put("a", 1), put("b", 2)]);
  const second = witnessesAfter(first, [removal("a", 3), put("b", 4)]);
  assert.deepEqual(keys(second), ["b", "a"]);
  assert.deepEqual(keys(witnessesAfter(second, [put("a", 5)])), ["ba", ""]);
  assert.equal(newestOf(second), 4n);
});

test("a write that arrives late, of another range, does not replace a newer one", () => {
  const newer = witnessesAfter(noWitnesses, [put("a", 5)]);
  assert.deepEqual(
    witnessesAfter(newer, [removal("a", 4), put("b", 3)]).puts.map(({ key }) => key),
    ["b", "a"],
  );
});

test("without writes there is nothing to prove a history by", () => {
  assert.equal(newestOf(noWitnesses), undefined);
});

test("a long value is not kept", () => {
  assert.equal(putOf(kv("a", 1, "x".repeat(501))).put?.value, undefined);
  assert.equal(putOf(kv("a", 1, "x".repeat(500))).put?.value?.length, 500);
});
