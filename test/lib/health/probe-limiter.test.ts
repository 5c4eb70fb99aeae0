import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Check } from "../../../lib/health/contract.ts";
import { defaultProbes, ProbeLimiter } from "../../../lib/health/probe-limiter.ts";
import type { Reading } from "../../../lib/model/verdict.ts";

/** Lets everything run that does not wait for an answer. */
const turn = () => systemClock.sleep(0, never);

/** Checks that answer when the test lets them. */
function pendingChecks(limiter: ProbeLimiter) {
  const started: string[] = [];
  const answers = new Map<string, (reading: Reading) => void>();
  const create = (title: string): Check =>
    limiter.limited({
      title,
      probe: () => {
        started.push(title);
        return new Promise((resolve) => answers.set(title, resolve));
      },
    });
  const answer = async (title: string, reading: Reading = { ok: true, tookMs: 1 }) => {
    await turn();
    answers.get(title)?.(reading);
    await turn();
  };
  return { started, create, answer };
}

test("by default a quarter of the descriptors, and at least 64", () => {
  assert.deepEqual([64, 256, 1024, 1_048_576].map(defaultProbes), [64, 64, 256, 262_144]);
});

test("a probe waits until there is a place; an abort leaves the queue", async () => {
  const { started, create, answer } = pendingChecks(new ProbeLimiter(2));
  const [a, b, c, d] = ["a", "b", "c", "d"].map(create);
  const ending = new AbortController();
  const probes = [a?.probe(never), b?.probe(never)];
  const aborted = assert.rejects(c?.probe(ending.signal) ?? Promise.resolve(), new Error("stop"));
  probes.push(d?.probe(never));
  await turn();
  assert.deepEqual(started, ["a", "b"]);
  ending.abort(new Error("stop"));
  await aborted;
  await answer("a");
  assert.deepEqual(started, ["a", "b", "d"]);
  await answer("b");
  await answer("d");
  await Promise.all(probes);
});

test("slow checks take at most half of the places, and do not delay the fast ones", async () => {
  const { started, create, answer } = pendingChecks(new ProbeLimiter(4));
  const slow = Array.from({ length: 8 }, (_, i) => create(`slow ${i}`));
  for (const [i, check] of slow.entries()) {
    const probe = check.probe(never);
    await answer(`slow ${i}`, { ok: false, tookMs: 500, why: "timed out" });
    await probe;
  }
  started.length = 0;
  for (const check of slow) void check.probe(never);
  await turn();
  assert.deepEqual(started, ["slow 0", "slow 1"]);
  for (let i = 0; i < 20; i += 1) {
    const probe = create(`fast ${i}`).probe(never);
    await answer(`fast ${i}`);
    assert.deepEqual(await probe, { ok: true, tookMs: 1 });
  }
});

test("where both kinds wait, they take turns: fast checks do not starve slow ones", async () => {
  const { started, create, answer } = pendingChecks(new ProbeLimiter(1));
  const slow = create("slow");
  const first = slow.probe(never);
  await answer("slow", { ok: true, tookMs: 500 });
  await first;
  const fast = ["a", "b", "c"].map(create);
  for (const check of fast) void check.probe(never);
  void slow.probe(never);
  await answer("a");
  assert.deepEqual(started, ["slow", "a", "slow"]);
});

test("the limit is lowered where this process lacks a resource, and raised again afterwards", async () => {
  const { started, create, answer } = pendingChecks(new ProbeLimiter(4));
  const checks = Array.from({ length: 6 }, (_, i) => create(`${i}`));
  const lacking: Reading = { ok: undefined, tookMs: 1, why: "no file descriptors left" };
  for (const check of checks) void check.probe(never);
  await answer("0", lacking);
  // three places now, all of them taken
  assert.equal(started.length, 4);
  await answer("1");
  assert.equal(started.length, 5);
  for (const i of [2, 3, 4, 5]) await answer(`${i}`);
  for (let i = 0; i < 12; i += 1) {
    const probe = create("more").probe(never);
    await answer("more");
    await probe;
  }
  started.length = 0;
  for (const check of checks) void check.probe(never);
  await turn();
  assert.equal(started.length, 4);
});
