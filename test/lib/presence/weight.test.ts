import assert from "node:assert/strict";
import { test } from "node:test";
import type { Present, Weights } from "../../../lib/presence/contract.ts";
import { drainingAfter, drainingWithout, toRegister } from "../../../lib/presence/drain.ts";
import { weightsAfter, weightsWith } from "../../../lib/presence/weight.ts";

const at = (id: string, run?: string): Present => ({
  instance: { service: "web", id, host: "10.0.0.1", port: 80, weight: 10 },
  standing: { state: "up" },
  ...(run !== undefined && { run }),
});
const [a, b] = [at("a", "1"), at("b")];
const weights: Weights = weightsWith(new Map(), [a, b], 20, 7);

/** The registered weights, by id. */
const registered = (found: readonly Present[], of: Weights, drained: readonly string[] = []) => {
  const drain = { reason: "request", run: "1", sinceMs: 0, untilMs: 9 } as const;
  const draining = new Map(drained.map((name) => [name, drain]));
  const all = toRegister(found, { draining, weights: of }, 0, "json");
  return all.map(({ id, weight }) => `${id} ${weight}`);
};

test("a requested weight replaces the own one of its run, until it is taken back; a drain goes first", () => {
  assert.deepEqual(registered([a, b], weights), ["a 20", "b 20"]);
  assert.deepEqual(registered([a, b], weights, ["web/a"]), ["a 0", "b 20"]);
  assert.deepEqual(registered([at("a", "2"), b], weights), ["a 10", "b 20"]);
  const back = weightsWith(weights, [b], undefined, 8);
  assert.deepEqual(registered([a, b], back), ["a 20", "b 10"]);
  assert.deepEqual(registered([a, b], weightsWith(back, [a], 0, 9)), ["a 0", "b 10"]);
});

test("an instance keeps its identity with the same weight", () => {
  const [one, two] = [0, 1].map((nowMs) =>
    toRegister([a], { draining: new Map(), weights }, nowMs, "json"),
  );
  assert.equal(one?.[0], two?.[0]);
});

test("the drain and the weight of an instance that is missing end only once discovery is complete", () => {
  const drain = { reason: "request", run: "1", sinceMs: 0, untilMs: 9 } as const;
  const draining = new Map([["web/a", drain]]);
  for (const isComplete of [false, true]) {
    const gone = { found: [b], isComplete };
    assert.equal(drainingAfter(draining, gone, 5, 0).has("web/a"), !isComplete);
    assert.equal(weightsAfter(weights, gone).has("web/a"), !isComplete);
    const another = { found: [at("a", "2"), b], isComplete };
    assert.equal(drainingAfter(draining, another, 5, 0).has("web/a"), false);
    assert.equal(weightsAfter(weights, another).has("web/a"), false);
    assert.equal(weightsAfter(weights, another).get("web/b"), weights.get("web/b"));
  }
});

test("only requested drains are taken back", () => {
  const drain = { sinceMs: 0, untilMs: 9 };
  const before = new Map([
    ["web/a", { ...drain, reason: "request" } as const],
    ["web/b", { ...drain, reason: "stop" } as const],
    ["web/c", { ...drain, reason: "shutdown" } as const],
  ]);
  const after = drainingWithout(before, [...before.keys()]);
  assert.deepEqual([...after.keys()], ["web/b", "web/c"]);
});
