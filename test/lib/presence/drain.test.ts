import assert from "node:assert/strict";
import { test } from "node:test";
import type { Present } from "../../../lib/presence/contract.ts";
import {
  drainingAfter,
  markedAt,
  nextDeadlineMs,
  toRegister,
} from "../../../lib/presence/drain.ts";

const at = (id: string, state: Present["standing"]["state"] = "up"): Present => ({
  instance: { service: "web", id, host: "10.0.0.1", port: 80, weight: 10 },
  standing: { state },
});
const [a, b, c] = [at("a"), at("b"), at("c", "down")];

test("who leaves has weight 0 until their time is over; who is down by somebody's word is not there", () => {
  const leaving = new Map([["web/b", 1000]]);
  const weights = (nowMs: number) =>
    toRegister([a, b, c], leaving, nowMs, "json").map(({ id, weight }) => `${id} ${weight}`);
  assert.deepEqual(weights(999), ["a 10", "b 0"]);
  assert.deepEqual(weights(1000), ["a 10"]);
});

test("where entries have no weight, who leaves goes at once", () => {
  const ids = toRegister([a, b], new Map([["web/b", 1000]]), 0, "address").map(({ id }) => id);
  assert.deepEqual(ids, ["a"]);
});

test("who is what they were is the same object, leaving or not", () => {
  const leaving = new Map([["web/b", 1000]]);
  const [one, two] = [
    toRegister([a, b], leaving, 0, "json"),
    toRegister([b, a], leaving, 1, "json"),
  ];
  assert.equal(one[0], a.instance);
  assert.equal(one[1], two[0]);
  assert.notEqual(one[1], b.instance);
});

test("who is said to be about to end leaves, once; who was told to stays told while they are there", () => {
  const ending = at("a", "draining");
  const first = drainingAfter(new Map([["web/b", 70]]), [ending, b], 1000, 50);
  assert.deepEqual(
    [...first],
    [
      ["web/a", 1050],
      ["web/b", 70],
    ],
  );
  assert.deepEqual([...drainingAfter(first, [ending, b], 1000, 900)], [...first]);
  const gone = drainingAfter(first, [b], 1000, 900);
  assert.deepEqual([...drainingAfter(gone, [a, b], 1000, 900)], [["web/b", 70]]);
});

test("the next whose time is over is the first that is still to come", () => {
  const leaving = new Map([
    ["a", 10],
    ["b", 30],
    ["c", 20],
    ["d", Infinity],
  ]);
  assert.equal(nextDeadlineMs(leaving, 10), 20);
  assert.equal(nextDeadlineMs(leaving, 30), undefined);
});

test("who is marked is who is shown as wanted, with weight 0; who is not announced is not waited for", () => {
  const wanted = new Map([
    ["/s/web/a", '{"host":"h","port":1,"weight":0}'],
    ["/s/web/b", '{"host":"h","port":2,"weight":0}'],
    ["/s/web/c", '{"host":"h","port":3}'],
  ]);
  const shown = (...revisions: readonly (readonly [key: string, revision: string])[]) =>
    new Map(
      revisions.map(([key, revision]) => {
        const value = wanted.get(key) ?? "";
        return [key, { key, value, revision }];
      }),
    );
  const keys = ["/s/web/a", "/s/web/b", "/s/web/d"];
  const [some, all] = [shown(["/s/web/a", "7"]), shown(["/s/web/a", "7"], ["/s/web/b", "8"])];
  assert.equal(markedAt(keys, wanted, undefined).isComplete, false);
  assert.deepEqual([...markedAt(keys, wanted, some).revisions], [["/s/web/a", "7"]]);
  assert.equal(markedAt(keys, wanted, some).isComplete, false);
  assert.equal(markedAt(keys, wanted, all).isComplete, true);
  const old = new Map(all).set("/s/web/b", { key: "/s/web/b", value: "{}", revision: "3" });
  assert.equal(markedAt(keys, wanted, old).isComplete, false);
  assert.equal(markedAt(["/s/web/c"], wanted, shown(["/s/web/c", "9"])).isComplete, false);
});
